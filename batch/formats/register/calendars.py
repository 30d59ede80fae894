"""The holiday calendars that the register takes: country, or country and region as ISO 3166-2 writes them."""

from __future__ import annotations

_REGIONS = {
    "AU": "ACT NSW NT QLD SA TAS VIC WA",
    "CA": "AB BC MB NB NL NS NT NU ON PE QC SK YT",
    "GB": "ENG NIR SCT WLS",
    "NZ": "AUK CAN HKB MBH NSN NTL OTA STL TKI WGN WTC",
    "US": (
        "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK OR "
        "PA RI SC SD TN TX UT VA VT WA WI WV WY"
    ),
}
_COUNTRIES = "AE AU CA DE FR GB HK IE IN MY NZ SG US ZA"
CALENDARS: tuple[str, ...] = (
    *_COUNTRIES.split(),
    *(f"{country}-{region}" for country, regions in _REGIONS.items() for region in regions.split()),
)

"""The places of lines in a schedule of values."""

from __future__ import annotations

from batch.formats.register.reading import Present


def last_places(present: Present) -> dict[tuple[str, object], int]:
    """The last place of a line in each schedule of values, ours and the client's."""
    places: dict[tuple[str, object], int] = {}
    for sheet in ("sov_line", "client_line"):
        for key, (values, _) in present.get(sheet, {}).items():
            place = values.get("position")
            if isinstance(place, int):
                places[sheet, key[0]] = max(place, places.get((sheet, key[0]), 0))
    return places

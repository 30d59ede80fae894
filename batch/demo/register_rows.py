"""The rows of the demo's register workbook, as a person would type them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

Row = Mapping[str, str | int | Decimal | date | None]
#: Line code, description, cost code, scheduled value, and the change order it belongs to.
Line = tuple[str, str, str, str] | tuple[str, str, str, str, str]

CLINIC, WHARF, PUMPS = "26-014", "26-020", "26-031"

COMPANY: list[Row] = [
    {
        "Name": "Harbour Mechanical Inc.",
        "Legal lines": "Illinois license 055-041882; Registered in Delaware no. 4471902",
        "Address": "1200 West Fulton Street\nChicago, IL 60607",
        "Currency": "USD",
        "Language": "en-US",
        "Sender name": "Harbour Mechanical Billing",
        "ERP company": "01",
    }
]

ADMINS: list[Row] = [
    {
        "Email": "pat@harbour-mechanical.example",
        "Name": "Pat Ellis",
        "Projects": "*",
        "May": "enter, approve, export, read",
    },
    {
        "Email": "sam@harbour-mechanical.example",
        "Name": "Sam Okoro",
        "Projects": f"{CLINIC}, {PUMPS}",
        "May": "enter, approve, read",
        "Approval limit": Decimal("150000.00"),
    },
]

_MONTHLY: Row = {"Cycle": "monthly", "First period starts": date(2026, 1, 1), "Last day": 31}

PROJECTS: list[Row] = [
    {
        "Number": CLINIC, "Name": "Lakeside Clinic", "Client": "Lakeside Health Trust",
        "Location": "Chicago, IL",
        "Time zone": "America/Chicago", "Currency": "USD", "Language": "en-US", **_MONTHLY,
    },
    {
        "Number": WHARF, "Name": "Canal Wharf Offices", "Client": "Canal Wharf Estates plc",
        "Location": "London E14",
        "Time zone": "Europe/London", "Currency": "GBP", "Language": "en-GB", **_MONTHLY,
    },
    {
        "Number": PUMPS, "Name": "Harbor View Pump Station", "Client": "Harbor View Water District",
        "Location": "Long Beach, CA", "Time zone": "America/Los_Angeles", "Currency": "USD",
        "Language": "en-US", **_MONTHLY,
    },
]  # fmt: skip

_VENDORS = (
    ("V-1001", "Baxter Electric LLC", "4 Mill Road, Joliet, IL 60432", "BAXTER"),
    ("V-1002", "Prairie Plumbing Co.", "88 Grove Avenue, Aurora, IL 60505", "PRAIRIE"),
    ("V-1003", "Northline Drywall Inc.", "210 Lake Street, Evanston, IL 60201", "NORTHLINE"),
    ("V-1004", "Great Lakes Sheet Metal Inc.", "17 Harbor Drive, Waukegan, IL 60085", "GLAKES"),
    ("V-1005", "Midway Fire Protection LLC", "5501 Cicero Avenue, Chicago, IL 60638", "MIDWAY"),
    ("V-2001", "Thames Mechanical Services Ltd", "Unit 4, Creekside, London SE8 3DX", "THAMES"),
    ("V-2002", "Albion Electrical Ltd", "31 Dock Road, London E16 1AG", "ALBION"),
    ("V-2003", "Wren Insulation Ltd", "9 Foundry Lane, Croydon CR0 4WT", "WREN"),
    ("V-2004", "Docklands Controls Ltd", "2 Trinity Buoy Wharf, London E14 0JY", "DOCKCTRL"),
    ("V-3001", "Pacific Pumps & Valves Corp.", "740 Terminal Way, San Pedro, CA 90731", "PACPUMP"),
    ("V-3002", "Sierra Pipe Supply Inc.", "1960 Carson Street, Torrance, CA 90501", "SIERRA"),
    ("V-3003", "Coastal Crane & Rigging LLC", "12 Pier B Street, Long Beach, CA 90802", "COASTAL"),
)
VENDORS: list[Row] = [
    {"Number": number, "Name": name, "Address": address, "ERP vendor": erp}
    for number, name, address, erp in _VENDORS
]

#: Number, project, vendor, type, title, billed by, retainage in percent, payment days.
_COMMITMENTS = (
    ("SC-014-01", CLINIC, "V-1001", "subcontract", "Electrical installation", "invite", 10, 30),
    ("SC-014-02", CLINIC, "V-1002", "subcontract", "Plumbing and drainage", "invite", 10, 30),
    ("SC-014-03", CLINIC, "V-1003", "subcontract", "Drywall and ceilings", "invite", 10, 30),
    ("SC-014-04", CLINIC, "V-1004", "subcontract", "Ductwork and air handling", "invite", 10, 30),
    ("SC-014-05", CLINIC, "V-1005", "subcontract", "Fire sprinklers", "invite", 10, 30),
    ("SC-020-01", WHARF, "V-2001", "subcontract", "Heating and chilled water pipework", "invite", 3, 28),
    ("SC-020-02", WHARF, "V-2002", "subcontract", "Electrical services", "invite", 3, 28),
    ("SC-020-03", WHARF, "V-2003", "subcontract", "Thermal insulation", "invite", 3, 28),
    ("SC-020-04", WHARF, "V-2004", "subcontract", "Building management controls", "invite", 3, 28),
    ("PO-031-01", PUMPS, "V-3001", "purchase order", "Vertical turbine pumps and valves", "invite", 0, 45),
    ("PO-031-02", PUMPS, "V-3002", "purchase order", "Ductile iron pipe and fittings", "invite", 0, 45),
    ("SC-031-03", PUMPS, "V-3003", "subcontract", "Crane and rigging", "on behalf", 5, 30),
)
COMMITMENTS: list[Row] = [
    {
        "Number": number, "Project": project, "Vendor": vendor, "Type": kind, "Title": title,
        "Status": "approved",
        "Billed by": billed_by, "Retainage on work": Decimal(percent) / 100,
        "Retainage on stored": Decimal(percent) / 100,
        "Payment days": days,
    }
    for number, project, vendor, kind, title, billed_by, percent, days in _COMMITMENTS
]  # fmt: skip

_CONTACTS = (
    ("SC-014-01", "ann@baxter-electric.example", "bills", "Ann Baxter"),
    ("SC-014-01", "office@baxter-electric.example", "copied", "Baxter office"),
    ("SC-014-02", "luis@prairie-plumbing.example", "bills", "Luis Ortega"),
    ("SC-014-02", "dana@prairie-plumbing.example", "escalation", "Dana Whitfield"),
    ("SC-014-03", "mike@northline-drywall.example", "bills", "Mike Novak"),
    ("SC-014-04", "grace@greatlakes-metal.example", "bills", "Grace Lindqvist"),
    ("SC-014-04", "tom@greatlakes-metal.example", "bills", "Tom Reyes"),
    ("SC-014-05", "billing@midway-fire.example", "bills", "Midway billing desk"),
    ("SC-020-01", "priya@thames-mechanical.example", "bills", "Priya Nair"),
    ("SC-020-02", "george@albion-electrical.example", "bills", "George Hale"),
    ("SC-020-02", "accounts@albion-electrical.example", "copied", "Albion accounts"),
    ("SC-020-03", "kate@wren-insulation.example", "bills", "Kate Wren"),
    ("SC-020-04", "owen@docklands-controls.example", "bills", "Owen Pryce"),
    ("PO-031-01", "orders@pacific-pumps.example", "bills", "Pacific order desk"),
    ("PO-031-02", "maria@sierra-pipe.example", "bills", "Maria Delgado"),
    ("SC-031-03", "dispatch@coastal-crane.example", "copied", "Coastal dispatch"),
)
CONTACTS: list[Row] = [
    {"Commitment": commitment, "Email": address, "Role": role, "Name": name}
    for commitment, address, role, name in _CONTACTS
]

_LINES: Mapping[str, tuple[Line, ...]] = {
    "SC-014-01": (
        ("1", "Mobilization and permits", "26-010", "6500.00"),
        ("2", "Underground conduit and grounding", "26-100", "21400.00"),
        ("3", "Switchgear and distribution boards", "26-200", "58250.00"),
        ("4", "Branch rough-in, level 1", "26-300", "32750.00"),
        ("5", "Branch rough-in, level 2", "26-300", "34100.00"),
        ("6", "Light fixtures", "26-500", "41600.00"),
        ("7", "Devices and trim", "26-400", "18900.00"),
        ("8", "Testing and close-out", "26-900", "7250.00"),
    ),
    "SC-014-02": (
        ("1", "Mobilization", "22-010", "3200.00"),
        ("2", "Below-slab drainage", "22-100", "27850.00"),
        ("3", "Domestic water risers", "22-200", "33400.00"),
        ("4", "Rough-in, level 1", "22-300", "24600.00"),
        ("5", "Rough-in, level 2", "22-300", "25900.00"),
        ("6", "Fixtures and trim", "22-400", "38750.00"),
        ("7", "Medical gas outlets", "22-600", "16300.00"),
        ("C1", "Added hand-wash sinks, exam rooms", "22-400", "3850.00", "1"),
        ("C2", "Reroute of roof drain at grid D", "22-100", "2175.00", "2"),
    ),
    "SC-014-03": (
        ("1", "Metal studs and framing", "09-100", "46800.00"),
        ("2", "Board and taping", "09-200", "52300.00"),
        ("3", "Acoustic ceilings", "09-500", "29450.00"),
        ("4", "Access panels", "09-300", "4650.00"),
        ("5", "Punch list and clean-up", "09-900", "5800.00"),
        ("C1", "Ceiling left out in storage rooms", "09-500", "-2400.00", "1"),
    ),
    "SC-014-04": (
        ("1", "Shop drawings", "23-010", "8900.00"),
        ("2", "Duct fabrication, level 1", "23-310", "36250.00"),
        ("3", "Duct fabrication, level 2", "23-310", "34875.00"),
        ("4", "Duct installation, level 1", "23-320", "28600.00"),
        ("5", "Duct installation, level 2", "23-320", "29350.00"),
        ("6", "Air handling unit 1", "23-700", "64200.00"),
        ("7", "Air handling unit 2", "23-700", "61850.00"),
        ("8", "Variable air volume boxes", "23-360", "42400.00"),
        ("9", "Diffusers and grilles", "23-370", "17650.00"),
        ("10", "Fire and smoke dampers", "23-330", "12300.00"),
        ("11", "Air balancing", "23-590", "9750.00"),
        ("12", "Commissioning support", "23-900", "6125.00"),
    ),
    "SC-014-05": (
        ("1", "Design and hydraulic calculations", "21-010", "7800.00"),
        ("2", "Mains and risers", "21-100", "31500.00"),
        ("3", "Branch lines and heads", "21-200", "44250.00"),
        ("4", "Tests and certificates", "21-900", "4450.00"),
    ),
    "SC-020-01": (
        ("1", "Preliminaries", "M-01", "9200.00"),
        ("2", "Chilled water risers", "M-10", "47350.00"),
        ("3", "Heating pipework, levels 1 to 3", "M-20", "52800.00"),
        ("4", "Heating pipework, levels 4 to 6", "M-20", "54150.00"),
        ("5", "Plant room pipework", "M-30", "38600.00"),
        ("6", "Flushing and commissioning", "M-90", "11475.00"),
    ),
    "SC-020-02": (
        ("1", "Containment", "E-10", "18000.00"),
        ("2", "Sub-mains and distribution boards", "E-20", "26500.00"),
        ("3", "Small power", "E-30", "21250.00"),
        ("4", "Lighting", "E-40", "24750.00"),
        ("5", "Testing and certificates", "E-90", "4500.00"),
        ("V1", "Extra floor boxes, level 2", "E-30", "1500.00", "1"),
    ),
    "SC-020-03": (
        ("1", "Chilled water insulation", "M-50", "23400.00"),
        ("2", "Heating insulation", "M-50", "19850.00"),
        ("3", "Plant room cladding", "M-55", "14200.00"),
        ("4", "Duct insulation", "M-60", "17650.00"),
    ),
    "SC-020-04": (
        ("1", "Design and software", "C-10", "16800.00"),
        ("2", "Control panels", "C-20", "28950.00"),
        ("3", "Field devices", "C-30", "21300.00"),
        ("4", "Cabling", "C-40", "13750.00"),
        ("5", "Commissioning", "C-90", "9400.00"),
    ),
    "PO-031-01": (
        ("1", "Vertical turbine pump P-1", "43-210", "48700.00"),
        ("2", "Vertical turbine pump P-2", "43-210", "48700.00"),
        ("3", "Motors, 75 hp", "43-220", "31240.00"),
        ("4", "Check and gate valves", "40-050", "22815.50"),
        ("5", "Spare parts", "43-290", "4260.00"),
        ("6", "Freight", "01-650", "3975.00"),
    ),
    "PO-031-02": (
        ("1", "Ductile iron pipe, 12 in", "40-110", "36480.00"),
        ("2", "Ductile iron pipe, 8 in", "40-110", "18120.00"),
        ("3", "Fittings and restraints", "40-120", "14390.25"),
        ("4", "Freight", "01-650", "2850.00"),
    ),
    "SC-031-03": (
        ("1", "Crane mobilization", "01-540", "5200.00"),
        ("2", "Setting of pumps", "01-541", "12600.00"),
        ("3", "Rigging of piping", "01-541", "8400.00"),
        ("4", "Demobilization", "01-540", "3100.00"),
    ),
}


def _lines() -> Iterator[Row]:
    for commitment, lines in _LINES.items():
        for code, description, cost_code, value, *order in lines:
            yield {
                "Commitment": commitment, "Line": code, "Description": description, "Cost code": cost_code,
                "Scheduled value": Decimal(value), "Change order": order[0] if order else None,
            }  # fmt: skip


CHANGE_ORDERS: list[Row] = [
    {
        "Commitment": "SC-014-02", "Number": "1", "Title": "Hand-wash sinks", "Status": "approved",
        "Approved on": date(2026, 1, 12), "Amount": Decimal("3850.00"),
    },
    {
        "Commitment": "SC-014-02", "Number": "2", "Title": "Roof drain at grid D", "Status": "pending",
        "Amount": Decimal("2175.00"),
    },
    {
        "Commitment": "SC-014-03", "Number": "1", "Title": "Storage room ceilings left out",
        "Status": "approved",
        "Approved on": date(2026, 1, 8), "Amount": Decimal("-2400.00"),
    },
    {
        "Commitment": "SC-020-02", "Number": "1", "Title": "Floor boxes, level 2", "Status": "approved",
        "Approved on": date(2025, 11, 18), "Amount": Decimal("1500.00"),
    },
]  # fmt: skip

CLIENT_CONTRACTS: list[Row] = [
    {
        "Project": project, "Number": number, "Title": title,
        "Retainage on work": Decimal("0.05"), "Retainage on stored": Decimal("0.05"),
    }
    for project, number, title in (
        (CLINIC, "LHT-2025-88", "Mechanical, electrical and interior works"),
        (WHARF, "CWE/0412", "Building services installation"),
        (PUMPS, "HVWD-1907", "Pump station mechanical works"),
    )
]  # fmt: skip

#: Client line, description, value, and the cost codes that go to it. 21-900 (sprinkler tests) is left out
#: on purpose:
#: its cost has no client line until an admin gives it one, and the demo shows that as an exception.
_CLIENT: Mapping[str, tuple[tuple[str, str, str, str], ...]] = {
    CLINIC: (
        ("A10", "Electrical services", "262000.00", "26-010 26-100 26-200 26-300 26-400 26-500 26-900"),
        ("A20", "Plumbing and medical gas", "204500.00", "22-010 22-100 22-200 22-300 22-400 22-600"),
        ("A30", "Partitions and ceilings", "163800.00", "09-100 09-200 09-300 09-500 09-900"),
        ("A40", "Ductwork", "201700.00", "23-010 23-310 23-320 23-330 23-360 23-370"),
        ("A50", "Air handling plant and balancing", "172400.00", "23-590 23-700 23-900"),
        ("A60", "Fire sprinklers", "104300.00", "21-010 21-100 21-200"),
    ),
    WHARF: (
        ("1", "Mechanical pipework", "251600.00", "M-01 M-10 M-20 M-30 M-90"),
        ("2", "Insulation", "88100.00", "M-50 M-55 M-60"),
        ("3", "Electrical services", "113900.00", "E-10 E-20 E-30 E-40 E-90"),
        ("4", "Controls", "105800.00", "C-10 C-20 C-30 C-40 C-90"),
    ),
    PUMPS: (
        ("10", "Pumps and motors", "158900.00", "43-210 43-220 43-290"),
        ("20", "Piping and valves", "108700.00", "40-050 40-110 40-120"),
        ("30", "Rigging and freight", "44200.00", "01-540 01-541 01-650"),
    ),
}


def _client_lines() -> Iterator[Row]:
    for project, lines in _CLIENT.items():
        for code, description, value, _codes in lines:
            yield {
                "Project": project,
                "Line": code,
                "Description": description,
                "Scheduled value": Decimal(value),
            }


def _mapping() -> Iterator[Row]:
    for project, lines in _CLIENT.items():
        for code, _description, _value, cost_codes in lines:
            for cost_code in cost_codes.split():
                yield {"Project": project, "Cost code": cost_code, "Client line": code}


DEDUCTIONS: list[Row] = [
    {
        "Commitment": "SC-014-03", "Number": "BC-1", "Date": date(2026, 1, 20),
        "Description": "Clean-up of level 2 corridor by others", "Cost code": "01-740",
        "Amount": Decimal("650.00"),
        "Evidence": "Site ticket 118, signed 2026-01-19",
    }
]  # fmt: skip

#: SC-020-02 was billed three times elsewhere before it joined.
OPENING_BALANCES: list[Row] = [
    {
        "Commitment": "SC-020-02", "Last application": 3, "Last date": date(2025, 12, 31),
        "Certified to date": Decimal("36415.00"), "Invoice numbers used": "AE-2041, AE-2066, AE-2093",
        "Change orders by month": "2025-11: 1500.00",
    }
]  # fmt: skip
#: Line, work, stored, withheld on work, withheld on stored, released.
_OPENING_LINES = (
    ("1", "18000.00", "0.00", "540.00", "0.00", "40.00"),
    ("2", "12000.00", "2000.00", "360.00", "60.00", "0.00"),
    ("3", "4000.00", "0.00", "120.00", "0.00", "0.00"),
    ("4", "0.00", "0.00", "0.00", "0.00", "0.00"),
    ("5", "0.00", "0.00", "0.00", "0.00", "0.00"),
    ("V1", "1500.00", "0.00", "45.00", "0.00", "0.00"),
)
OPENING_LINES: list[Row] = [
    {
        "Commitment": "SC-020-02", "Line": line, "Work to date": Decimal(work), "Stored": Decimal(stored),
        "Withheld on work": Decimal(on_work), "Withheld on stored": Decimal(on_stored),
        "Released": Decimal(released),
    }
    for line, work, stored, on_work, on_stored, released in _OPENING_LINES
]  # fmt: skip

ROWS: Mapping[str, list[Row]] = {
    "Company": COMPANY,
    "Admins": ADMINS,
    "Projects": PROJECTS,
    "Vendors": VENDORS,
    "Commitments": COMMITMENTS,
    "Contacts": CONTACTS,
    "Schedule of values": list(_lines()),
    "Change orders": CHANGE_ORDERS,
    "Client contract": CLIENT_CONTRACTS,
    "Client schedule of values": list(_client_lines()),
    "Cost code mapping": list(_mapping()),
    "Deductions": DEDUCTIONS,
    "Opening balances": OPENING_BALANCES,
    "Opening lines": OPENING_LINES,
}

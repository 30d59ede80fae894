"""Who plays in the demo: the people of its register, what they do in each period, and how it has to end.

The contacts are those of `register_rows.py`. Period 1 is January 2026, period 2 February.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from batch.demo.people import Kind, Person, Program
from batch.demo.people_admin import Admin, Cut, OnBehalf, Verdict
from batch.demo.people_scripts import (
    Habit,
    Script,
    accepts_first,
    bills,
    bills_after,
    declines,
    is_away,
    returns_it_untouched,
    sends_a_scan,
    sends_twice,
    stays_silent,
    takes_last_months_file,
)
from batch.demo.people_workbook import amounts, built_in, invoice, percents, stored, too_much

#: An address that does not exist any more.
GONE = "grace@greatlakes-metal.example"

_DAYS, _HOURS = timedelta(days=1), timedelta(hours=1)
# Few different delays, so that several people answer in the same hour.
_SOON, _TOMORROW, _LATER = 6 * _HOURS, 30 * _HOURS, 54 * _HOURS


def _plays(
    commitment: str,
    address: str,
    name: str,
    company: str,
    program: Program,
    *habits: Habit,
    delay: timedelta = _SOON,
) -> Script:
    person = Person(address=address, name=name, company=company, program=program)
    return Script(person=person, commitment=commitment, habits=habits, delay=delay)


SCRIPTS: tuple[Script, ...] = (
    # Bills by percent, and answers as people should.
    _plays(
        "SC-014-01", "ann@baxter-electric.example", "Ann Baxter", "Baxter Electric LLC", Program.OUTLOOK,
        bills(percents(100, 60, 25, 40, 15, None, None, None), invoice("BE-1101")),
        bills(percents(100, 90, 60, 75, 50, 10, None, None), invoice("BE-1117")),
    ),
    # Bills more than a line holds, is refused, and corrects the workbook with the red cells.
    _plays(
        "SC-014-02", "luis@prairie-plumbing.example", "Luis Ortega", "Prairie Plumbing Co.", Program.GMAIL,
        bills(percents(100, 75, 30, 20, None, None, None, None), too_much("2", 1150), invoice("2026-011")),
        bills(percents(100, 100, 65, 55, 30, 10, 25, 100), invoice("2026-019")),
        delay=_TOMORROW,
    ),
    # Is asked to revise and resubmit in the first period; has a credit by a change order and a backcharge.
    _plays(
        "SC-014-03", "mike@northline-drywall.example", "Mike Novak", "Northline Drywall Inc.", Program.IPHONE,
        bills(percents(45, 10, None, None, None, 50)),
        bills(percents(80, 55, 20, 50, None, 100)),
    ),
    # The first contact is gone; the second bills, with materials stored and later built in.
    _plays(
        "SC-014-04", "tom@greatlakes-metal.example", "Tom Reyes", "Great Lakes Sheet Metal Inc.",
        Program.GMAIL,
        bills(
            percents(100, 50, 35, 20, 10, None, None, None, None, None, None, None),
            stored("6", 85), stored("8", 20), invoice("GL-7781"),
        ),
        bills(
            percents(None, 80, 70, 45, 30, None, 20, None, None, 10, None, None),
            built_in("6"), stored("8", 35), invoice("GL-7803"),
        ),
        delay=_TOMORROW,
    ),
    # Out of office, then the workbook; in the second period accepts first.
    _plays(
        "SC-014-05", "billing@midway-fire.example", "Midway billing desk", "Midway Fire Protection LLC",
        Program.OUTLOOK,
        is_away(percents(100, 30, None, None), invoice("MF-310"), back=3 * _DAYS),
        accepts_first(percents(100, 70, 35, 20), invoice("MF-322"), later=_LATER),
    ),
    # Bills by amount; one line is cut by the reviewer.
    _plays(
        "SC-020-01", "priya@thames-mechanical.example", "Priya Nair", "Thames Mechanical Services Ltd",
        Program.OUTLOOK,
        bills(amounts(50, 40, 15, None, 20, None), invoice("TMS/0871")),
        bills(amounts(25, 30, 35, 20, 25, None), invoice("TMS/0894")),
    ),
    # Was billed elsewhere before; in the second period takes last month's file.
    _plays(
        "SC-020-02", "george@albion-electrical.example", "George Hale", "Albion Electrical Ltd",
        Program.OUTLOOK,
        bills(percents(100, 60, 45, 20, None, 100), invoice("AE-2120")),
        takes_last_months_file(percents(100, 90, 80, 55, 10, 100), invoice("AE-2148")),
        delay=_TOMORROW,
    ),
    # Declines, then bills.
    _plays(
        "SC-020-03", "kate@wren-insulation.example", "Kate Wren", "Wren Insulation Ltd", Program.IPHONE,
        declines("Pipework is not released to us yet, we start in February."),
        bills(percents(35, 20, None, 15)),
    ),
    # Sends the workbook back untouched, then ticks that there is nothing; in the second period sends a scan.
    _plays(
        "SC-020-04", "owen@docklands-controls.example", "Owen Pryce", "Docklands Controls Ltd", Program.GMAIL,
        returns_it_untouched,
        sends_a_scan(percents(60, 25, 10, None, None), invoice("DC-58")),
    ),
    # A purchase order, billed by amount; sends the same file twice.
    _plays(
        "PO-031-01", "orders@pacific-pumps.example", "Pacific order desk", "Pacific Pumps & Valves Corp.",
        Program.OUTLOOK,
        sends_twice(amounts(100, None, 40, 25, None, 50), invoice("PPV-55120")),
        bills(amounts(None, 100, 60, 50, None, 50), invoice("PPV-55307")),
    ),
    # Silent in the first period, late in the second.
    _plays(
        "PO-031-02", "maria@sierra-pipe.example", "Maria Delgado", "Sierra Pipe Supply Inc.", Program.GMAIL,
        stays_silent,
        bills_after(Kind.REMINDER, 2, amounts(100, 70, 50, 80), invoice("SP-9004")),
    ),
)  # fmt: skip

_PAT = Person(address="pat@harbour-mechanical.example", name="Pat Ellis", company="Harbour Mechanical Inc.")
_SAM = Person(address="sam@harbour-mechanical.example", name="Sam Okoro", company="Harbour Mechanical Inc.")
_CRANE = "SC-031-03"

ADMINS: tuple[Admin, ...] = (
    Admin(
        person=_PAT,
        leaves=frozenset({_CRANE}),
        enters={
            (_CRANE, 1): OnBehalf(
                reason="By phone, with delivery tickets 4410 and 4415.", percents=(100, None, 20, None)
            ),
            (_CRANE, 2): OnBehalf(reason="Tickets 4471 to 4478.", percents=(None, 75, 40, None)),
        },
        verdicts={
            ("SC-014-03", 1): (
                Verdict(
                    choice="Reject",
                    reason="Please correct line 1.",
                    rejected={"1": "Level 2 is not framed yet; the site walk of January 27 shows a quarter."},
                ),
                Verdict(),
            ),
            ("SC-014-04", 1): (
                Verdict(choice="Hold", reason="Waiting for the photos of the air handling unit."),
                Verdict(),
            ),
            ("SC-020-01", 1): (
                Verdict(
                    cuts=(Cut(item="2", percent=25, reason="Riser C is not hung yet; three of four are."),)
                ),
            ),
            ("SC-020-04", 2): (
                Verdict(choice="Hold", reason="Is the software on line 1 the version of the contract?"),
                Verdict(),
            ),
            ("SC-014-05", 2): (
                Verdict(cuts=(Cut(item="3", percent=40, reason="Heads on level 2 are not tested."),)),
            ),
        },
    ),
    # Only what Pat entered: nobody approves their own entry.
    Admin(person=_SAM, only=frozenset({_CRANE})),
)

#: How long each admin takes to decide.
ADMIN_DELAYS: Mapping[str, timedelta] = {_PAT.address: 3 * _HOURS, _SAM.address: 5 * _HOURS}
#: How long a held application waits for its second look.
SECOND_LOOK = _DAYS

#: What has to have come in, by the outcomes that `billings inbox` shows; one of each row is enough.
INCIDENTS: tuple[tuple[str, ...], ...] = (
    ("submission",),
    ("accept",),
    ("decline",),
    ("returned",),
    ("duplicate",),
    ("auto_reply",),
    ("bounce",),
    ("nothing-entered",),
    ("supporting_document",),
    # Last month's file: its period is over, and its application is approved.
    ("wrong-period", "already-approved", "period-closed"),
)
#: The state of every commitment at the end, by period.
EXPECTED: Mapping[str, tuple[str, str]] = {
    "SC-014-01": ("Approved", "Approved"),
    "SC-014-02": ("Approved", "Approved"),
    "SC-014-03": ("Approved", "Approved"),
    "SC-014-04": ("Approved", "Approved"),
    "SC-014-05": ("Approved", "Approved as Noted"),
    "SC-020-01": ("Approved as Noted", "Approved"),
    "SC-020-02": ("Approved", "Approved"),
    "SC-020-03": ("Declined", "Approved"),
    "SC-020-04": ("Approved", "Approved"),
    "PO-031-01": ("Approved", "Approved"),
    "PO-031-02": ("Lapsed", "Approved"),
    "SC-031-03": ("Approved", "Approved"),
}

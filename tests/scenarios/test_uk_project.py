"""Stories of a project in Britain: its words, its clock, and no automatic return of an application for payment."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.scenarios.balances import column, follows_on, form
from tests.scenarios.paperwork import body
from tests.scenarios.site import ADMIN, Register, Site, Sub, filled, reply, site, workbook_of

LONDON = {
    "Time zone": "Europe/London", "Currency": "GBP", "Language": "en-GB", "Location": "London",
}  # fmt: skip
SUB = Sub(number="SC-1", lines=[("1", "M-10", "10000"), ("2", "M-20", "5000")], retainage="3")
INVITED, AFTER_DUE = "2026-01-26T09:00:00Z", "2026-02-03T09:00:00Z"
#: Words of the other side of the ocean; "return" in any form is for the mails that must not go out.
AMERICAN = ("retainage", "pay application", "change order", "$", "general contractor", "backcharge")


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Site]:
    """The project with its invite out."""
    with site(tmp_path, Register(subs=[SUB], project=LONDON)) as made:
        made.tick(INVITED)
        yield made


def texts(workbook: bytes) -> str:
    """Every text in a workbook but its formulas and its hidden keys, which are the same words everywhere."""
    book = load_workbook(io.BytesIO(workbook))
    cells = [cell.value for sheet in book for row in sheet for cell in row if isinstance(cell.value, str)]
    shown = [cell for cell in cells if not cell.startswith("=") and "_" not in cell and cell != "retainage"]
    return "\n".join(shown).lower()


def test_an_application_over_its_line_is_held_not_returned(job: Site) -> None:
    """It is under review with its findings, the sub gets a receipt only; the admin cuts it, and may not approve it as it is."""
    job.submit(SUB, {"1": {"work_this_period": "12000"}, "2": {"work_this_period": "1000"}})
    held = job.show("SC-1/1")
    assert held["state"] == "Under Review"
    assert {"over-line": "return"}.items() <= {
        one["code"]: one["severity"] for one in held["findings"]
    }.items()
    subjects = [str(mail["Subject"]).lower() for mail in job.mails(SUB.address)]
    assert not [text for text in subjects if "correct" in text]
    assert len([text for text in subjects if "received" in text]) == 1
    job.tick(AFTER_DUE)
    assert "12,000.00" in body(job.last_mail(ADMIN, "review"))
    (line,) = job.review({"SC-1": {"decision": "Approve"}})
    assert "not applied" in line
    cut = {"1": {"approved_work": "10000", "line_reason": "The line is 10,000"}}
    job.review({"SC-1": {"decision": "Approve", "lines": cut}})
    found = job.show("SC-1/1")
    assert found["state"] == "Approved as Noted"
    assert column(found["claimed"], "work_this_period") == ["12000.00", "1000.00"]
    form(
        found,
        "L1 15,000.00, L2 0.00, L3 15,000.00, L4 11,000.00, L5a 330.00, L5b 0.00, L5 330.00, L6 10,670.00, L7 0.00, "
        "L8 10,670.00, L9 4,330.00, gross 11,000.00, payable 10,670.00",
    )


def test_what_cannot_be_read_waits_for_an_admin(job: Site) -> None:
    """Text in an amount makes no application and no automatic return: an admin is told, and the corrected one passes."""
    job.submit(SUB, {"1": {"work_this_period": "about half"}})
    assert job.standing("SC-1")["application"] is None
    assert job.inbox()[-1]["state"] == "waiting for a person"
    assert [str(mail["Subject"]) for mail in job.mails(SUB.address)][1:] == []
    assert job.mails(ADMIN, "please look")
    job.submit(SUB, {"1": {"work_this_period": "5000"}})
    form(job.show("SC-1/1"), "L4 5,000.00, L5 150.00, L6 4,850.00, L7 0.00, L8 4,850.00, L9 10,150.00")


def test_every_paper_speaks_the_projects_words(job: Site) -> None:
    """Invite, workbook, receipt, review and notice say retention and application for payment, and show pounds."""
    invite = job.invite(SUB)
    assert "retention" in body(invite).lower()
    assert "retention" in texts(workbook_of(invite))
    job.submit(SUB, {"1": {"work_this_period": "5000"}})
    assert "application for payment" in body(job.last_mail(SUB.address, "received")).lower()
    job.tick(AFTER_DUE)
    review = job.last_mail(ADMIN, "review")
    papers = [texts(workbook_of(invite)), texts(workbook_of(review))]
    job.approve("SC-1")
    job.tick("2026-02-03T11:00:00Z")
    notice = job.last_mail(SUB.address, "approved")
    assert "£4,850.00" in body(notice)
    papers += [f"{mail['Subject']}\n{body(mail)}".lower() for mail in job.mails()]
    for paper in papers:
        assert [word for word in AMERICAN if word in paper] == []


def test_due_times_are_london_times_also_in_summer(tmp_path: Path) -> None:
    """The due instant is 17:00 in London, in winter time and in summer time, and mails name it so."""
    with site(tmp_path, Register(subs=[SUB], project=LONDON)) as job:
        job.tick(INVITED)
        assert "GMT" in body(job.invite(SUB))
        job.tick("2026-03-25T09:00:00Z")
        due = {one["period"]: one["due"] for one in job.status()["periods"]}
        assert due[1] == "2026-02-02T17:00:00Z"
        assert due[3] == "2026-04-02T16:00:00Z"
        assert "BST" in body(job.invite(SUB))


def test_the_next_application_goes_on_and_a_second_answer_to_an_old_one_changes_nothing(job: Site) -> None:
    """Previously certified comes from the ledger; a copy of January's workbook sent in February is not taken for it."""
    january = filled(workbook_of(job.invite(SUB)), {"1": {"work_this_period": "5000"}})
    thread = job.invite(SUB)
    job.receive(reply(thread, january, when=job.now))
    job.tick(AFTER_DUE)
    job.approve("SC-1")
    job.tick("2026-02-24T09:00:00Z")
    job.receive(reply(job.invite(SUB), january, when=job.now))
    assert job.standing("SC-1", 2)["application"] is None
    job.submit(SUB, {"1": {"work_this_period": "2500"}, "2": {"percent_to_date": "10"}})
    job.tick("2026-03-03T09:00:00Z")
    job.approve("SC-1")
    second = job.show("SC-1/2")
    follows_on(second, job.show("SC-1/1"))
    form(second, "L4 8,000.00, L5 240.00, L6 7,760.00, L7 4,850.00, L8 2,910.00, L9 7,240.00, gross 3,000.00")

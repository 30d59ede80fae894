"""Stories of documents that have to come with a bill: missing, later, with another bill, as a spreadsheet, on behalf."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from tests.scenarios.paperwork import body
from tests.scenarios.site import (
    ADMIN,
    AFTER_DUE,
    INVITED,
    Register,
    Site,
    Sub,
    filled,
    reply,
    site,
    workbook_of,
)

SUB = Sub(number="SC-1", lines=[("1", "03-300", "50000"), ("2", "05-120", "50000")])
WARN = {"Backup": "warn", "Backup above": Decimal(20000)}
STORED = {"1": {"materials_stored": "8000"}, "2": {"work_this_period": "1000"}}
TICKET = ("ticket.pdf", b"%PDF-1.7 delivery ticket")


def codes(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Code, severity and line of an application's findings."""
    return [(one["code"], one["severity"], one["line"]) for one in found["findings"]]


def a_sheet() -> bytes:
    """A spreadsheet of the subcontractor's own."""
    book, out = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet["A1"] = "Stock on site"
    book.save(out)
    return out.getvalue()


def answer(job: Site, entries: dict[str, Any], *extra: tuple[str, bytes], text: str = "Our bill.") -> None:
    """The sub replies with the filled-in workbook and other files."""
    mail = job.invite(SUB)
    job.receive(reply(mail, filled(workbook_of(mail), entries, {}), when=job.now, extra=extra, text=text))


def later(job: Site, *extra: tuple[str, bytes], text: str = "The ticket, sorry.") -> None:
    """The sub replies once more, without the workbook."""
    job.receive(reply(job.invite(SUB), None, when=job.now, extra=extra, text=text))


def test_stored_materials_without_a_document_wait_for_the_admin_until_it_comes(tmp_path: Path) -> None:
    """Warned of in the workbook, found at the line, said in plain words; a later mail in the thread settles it, and the
    document is kept by its hash with the application.
    """
    with site(tmp_path, Register(subs=[SUB], project=WARN)) as job:
        job.tick(INVITED)
        summary = load_workbook(io.BytesIO(workbook_of(job.invite(SUB))))["Summary"]
        told = " ".join(str(cell.value) for row in summary.iter_rows() for cell in row if cell.value)
        assert "Attach a ticket, photo or invoice of stored materials" in told
        answer(job, {**STORED, "2": {"work_this_period": "20000.01"}})
        found = job.show("SC-1/1")
        assert codes(found) == [("stored-no-backup", "hold", "1"), ("work-no-backup", "hold", "2")]
        assert found["attachments"] == []
        assert "Line 1 bills 8,000.00 of stored materials; please reply with a delivery ticket" in body(
            job.last_mail(SUB.address, "received")
        )
        later(job, TICKET)
        found = job.show("SC-1/1")
        assert (found["state"], codes(found)) == ("Under Review", [])
        (kept,) = found["attachments"]
        assert (kept["name"], kept["revision"]) == ("ticket.pdf", 1)
        assert job.w.archive.get(kept["sha256"]) == TICKET[1]
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        assert job.show("SC-1/1")["attachments"] == [kept]


def test_a_document_in_the_same_mail_is_enough_and_shown_in_the_review(tmp_path: Path) -> None:
    """A PDF, or a spreadsheet beside the workbook, backs the bill; work of just the amount needs none."""
    with site(tmp_path, Register(subs=[SUB], project=WARN)) as job:
        job.tick(INVITED)
        answer(job, {**STORED, "2": {"work_this_period": "20000"}}, ("stock.xlsx", a_sheet()))
        found = job.show("SC-1/1")
        assert (found["state"], codes(found)) == ("Under Review", [])
        assert [one["name"] for one in found["attachments"]] == ["stock.xlsx"]
        job.tick(AFTER_DUE)
        book = load_workbook(io.BytesIO(workbook_of(job.last_mail(ADMIN, "review"))))["Applications"]
        shown = [str(cell.value) for row in book.iter_rows() for cell in row if cell.value]
        assert any(text.startswith("stock.xlsx (") for text in shown)
        answer(job, {"2": {"work_this_period": "20000"}})
        assert codes(job.show("SC-1/1")) == [("late", "note", "")], "only work of the limit, nothing stored"


def test_blocked_it_goes_back_and_the_document_alone_brings_it_in(tmp_path: Path) -> None:
    """Returned with the sentence; the ticket that follows by itself is taken with the workbook that came before."""
    sub_rule = {"Backup": "block"}
    sub = Sub(number="SC-1", lines=SUB.lines, more=sub_rule)
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        answer(job, STORED)
        assert job.standing("SC-1")["state"] == "Returned"
        assert "please reply with a delivery ticket" in body(job.last_mail(SUB.address, "correct"))
        later(job, TICKET)
        found = job.show("SC-1/1")
        assert (found["state"], codes(found)) == ("Under Review", [])
        assert found["summary"]["gross_this_period"] == "9000.00"
        assert [one["name"] for one in found["attachments"]] == ["ticket.pdf"]
        answer(job, {**STORED, "2": {"work_this_period": "1500"}})
        assert codes(job.show("SC-1/1")) == [], "what came with an earlier revision still counts"


def test_a_document_that_cannot_be_placed_waits_for_a_person(tmp_path: Path) -> None:
    """With a word that contradicts it, or before any workbook, it is kept and not applied."""
    with site(tmp_path, Register(subs=[SUB], project=WARN)) as job:
        job.tick(INVITED)
        later(job, TICKET)
        assert job.inbox()[-1]["state"] == "waiting for a person"
        answer(job, STORED)
        later(job, ("photo.jpg", b"JPEG" * 50), text="DECLINE")
        assert job.inbox()[-1]["state"] == "waiting for a person"
        assert codes(job.show("SC-1/1")) == [("stored-no-backup", "hold", "1")]


def test_off_asks_for_nothing_and_on_behalf_the_reason_stands_for_it(tmp_path: Path) -> None:
    """The commitment's word goes before the project's; an admin who bills on behalf gives a reason anyway."""
    quiet = Sub(number="SC-2", lines=SUB.lines, more={"Backup": "off"})
    with site(tmp_path, Register(subs=[SUB, quiet], project={"Backup": "block"})) as job:
        job.tick(INVITED)
        mail = job.invite(quiet)
        job.receive(reply(mail, filled(workbook_of(mail), STORED, {}), when=job.now))
        assert codes(job.show("SC-2/1")) == []
        job.tick(AFTER_DUE)
        job.enter("SC-1", "Seen on site by Pat", {"1": {"materials_stored": "500"}})
        found = job.show("SC-1/1")
        assert (found["state"], codes(found)) == ("Under Review", [])

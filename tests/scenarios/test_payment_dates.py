"""Stories of payment dates: fixed at the first receipt, shown to everybody who has to keep them, and kept by the notices."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.scenarios.paperwork import body, workbook_of
from tests.scenarios.site import ADMIN, Register, Site, Sub, site

UK = {
    "Time zone": "Europe/London", "Currency": "GBP", "Language": "en-GB", "Payment terms": "JCT", "Client payment terms": "JCT",
}  # fmt: skip
AU = {"Time zone": "Australia/Sydney", "Currency": "AUD", "Language": "en-AU", "Payment terms": "NSW"}
TERMS = [
    {
        "Code": "JCT", "Counted from": "period end", "Due after": 7, "Answer within": "5 days", "Pay within": 14,
        "Pay less before": 5,
    },
    {"Code": "NSW", "Counted from": "received", "Answer within": "10 business", "Pay within": "20 business"},
    {"Code": "NET", "Counted from": "approved", "Pay within": "30", "Holidays": "us"},
]  # fmt: skip
SUB = Sub(number="A", lines=[("1", "M-10", "50000")], retainage="0")
OTHER = Sub(number="B", lines=[("1", "M-10", "50000")], retainage="0", cells={"Payment terms": "NET"})
CLIENT = [("10", "M-10", "90000")]
S43 = {
    "counted_on": "2026-06-30", "due_on": "2026-07-07", "notice_on": "2026-07-12", "pay_less_on": "2026-07-16",
    "final_on": "2026-07-21",
}  # fmt: skip


def register(project: dict[str, Any], *subs: Sub, **more: Any) -> Register:
    """One project whose payments have dates; its first period is June 2026."""
    dated = {**project, "First period starts": "2026-06-01"}
    openings = {"Payment terms": TERMS, **more.pop("openings", {})}
    return Register(subs=subs or (SUB,), project=dated, openings=openings, **more)


def dates(job: Site, application: str = "A/1") -> dict[str, str]:
    """The dates of an application, without what they were counted by."""
    found = job.show(application)["dates"]
    return {name: day for name, day in found.items() if name.endswith("_on")}


def test_s43_a_british_payment_from_receipt_to_notice(tmp_path: Path) -> None:
    """Due 7 July, notice by 12 July, pay less by 16 July, final date 21 July: in JSON, receipt, review and notice."""
    with site(tmp_path, register(UK, SUB, OTHER, client=CLIENT)) as job:
        job.tick("2026-06-24T09:00:00Z")
        job.submit(OTHER, {"1": {"work_this_period": "500"}})
        job.submit(SUB, {"1": {"work_this_period": "1000"}})
        assert dates(job) == S43
        assert job.standing("A")["dates"]["notice_on"] == "2026-07-12"
        assert dates(job, "B/1") == {}, "counted from the approval, which is still to come"
        receipt = body(job.last_mail(SUB.address, "received"))
        assert "Payment notice by" in receipt
        assert "12 July 2026" in receipt
        # The register says otherwise from now on: what is fixed stays.
        job.edit_register({("Payment terms", "JCT"): {"Due after": "30"}})
        job.tick("2026-07-08T09:00:00Z")
        sent = len(job.mails(ADMIN, "review"))
        job.tick("2026-07-09T09:00:00Z")
        job.tick("2026-07-09T19:00:00Z")
        assert len(job.mails(ADMIN, "review")) == sent + 1, "three days before the date it comes once more"
        assert "Payment notice by 12 July 2026: in 3 days." in body(job.last_mail(ADMIN, "review"))
        sheet = load_workbook(io.BytesIO(workbook_of(job.last_mail(ADMIN, "review"))))["Applications"]
        shown = [
            [str(cell.value) for cell in row if cell.value is not None] for row in sheet.iter_rows(min_row=4)
        ]
        rows = [row for row in shown if "A" in row or "B" in row]
        assert "A" in rows[0], "the one with a date comes first"
        assert "2026-07-12" in rows[0]
        assert "Payment notice by 12 July 2026: in 3 days." in " ".join(rows[0])
        job.approve("A", "B")
        job.tick("2026-07-09T21:00:00Z")
        notice = body(job.last_mail(SUB.address, "approved"))
        assert "Final date for payment" in notice
        assert "21 July 2026" in notice
        assert dates(job) == S43
        assert dates(job, "B/1") == {"counted_on": "2026-07-09", "final_on": "2026-08-08"}
        assert "8 August 2026" in body(job.last_mail(OTHER.address, "approved"))


def test_s44_an_australian_claim_with_gst(tmp_path: Path) -> None:
    """Served on Tuesday 30 June: schedule by 14 July, payment by 28 July; GST 4,500 on 45,000, 49,500 in all."""
    gst = {"Tax codes": [{"Code": "GST", "Rate": "10%", "Kind": "charged"}]}
    sub = Sub(number="A", lines=[("1", "M-10", "50000")], retainage="0", cells={"Tax code": "GST"})
    with site(tmp_path, register(AU, sub, openings=gst)) as job:
        job.tick("2026-06-30T02:00:00Z")
        job.submit(sub, {"1": {"work_this_period": "45000"}})
        served = {"counted_on": "2026-06-30", "notice_on": "2026-07-14", "final_on": "2026-07-28"}
        assert dates(job) == served
        receipt = body(job.last_mail(sub.address, "received"))
        assert "Payment schedule by" in receipt
        assert "14 July 2026" in receipt
        job.tick("2026-07-01T02:00:00Z")
        job.submit(sub, {"1": {"work_this_period": "45000"}}, comment="The same, with our invoice")
        assert dates(job, "A/1") == served, "a later revision serves nothing anew"
        job.tick("2026-07-13T02:00:00Z")
        job.approve("A")
        found = job.show("A/1")
        assert found["tax"][0]["tax"] == "4500.00"
        assert found["summary"]["payable"] == "49500.00"
        assert found["dates"]["counted_from"] == "received"


def test_a_notice_does_not_wait_beyond_the_last_day(tmp_path: Path) -> None:
    """Approved at 16:30 on the last day, it leaves by 17:00, not an hour later; on other days it waits the hour."""
    with site(tmp_path, register(UK)) as job:
        job.tick("2026-06-24T09:00:00Z")
        job.submit(SUB, {"1": {"work_this_period": "1000"}})
        job.tick("2026-07-12T15:30:00Z")
        job.approve("A")
        job.tick(job.now + timedelta(minutes=29))
        assert not job.mails(SUB.address, "approved")
        job.tick(job.now + timedelta(minutes=1))
        assert parsedate_to_datetime(str(job.last_mail(SUB.address, "approved")["Date"])) <= job.now
        job.at("decide", "A/1", "reopen", "--reason", "A slip")
        job.tick("2026-07-13T15:30:00Z")
        job.at("decide", "A/1", "approve")
        job.tick(job.now + timedelta(minutes=59))
        assert len(job.mails(SUB.address, "approved")) == 1
        job.tick(job.now + timedelta(minutes=1))
        assert len(job.mails(SUB.address, "approved")) == 2


def test_the_client_has_dates_of_its_own(tmp_path: Path) -> None:
    """Named by the project for the client contract: in the workbook, in JSON, and fixed when it is issued."""
    with site(tmp_path, register({**UK, "Client payment terms": "NSW"}, client=CLIENT)) as job:
        job.tick("2026-06-24T09:00:00Z")
        job.submit(SUB, {"1": {"work_this_period": "1000"}})
        job.tick("2026-07-03T09:00:00Z")
        job.approve("A")
        assert json.loads(job.at("upstream", "compile", "P1", "1", "--json"))["dates"] == {}
        said = job.at("upstream", "issue", "P1", "1")
        assert "notice: 2026-07-17" in said
        assert "final: 2026-07-31" in said
    (tmp_path / "jct").mkdir()
    with site(tmp_path / "jct", register(UK, client=CLIENT)) as job:
        job.tick("2026-06-24T09:00:00Z")
        found = json.loads(job.at("upstream", "compile", "P1", "1", "--json"))
        assert found["dates"] == S43
        draft = job.folder / "output" / "P1" / "period-1" / "client-application-1-draft.xlsx"
        sheet = load_workbook(io.BytesIO(draft.read_bytes()))["Summary"]
        cells = [str(cell.value) for row in sheet for cell in row]
        assert {"Final date for payment", "21 July 2026"} <= set(cells)


def test_terms_that_make_no_sense_are_refused_with_their_cell(tmp_path: Path) -> None:
    """Days that are none, an unknown calendar, pay less without a final date, and a code that is not there."""
    with site(tmp_path, register(UK)) as job:
        wrong: dict[tuple[str, str], dict[str, Any]] = {
            ("Payment terms", "JCT"): {"Due after": "soon", "Holidays": "GB-EGN"},
            ("Payment terms", "NSW"): {"Pay within": None, "Pay less before": "5"},
            ("Commitments", "A"): {"Payment terms": "JTC"},
        }
        said = json.dumps(job.edit_register(wrong, code=1))
        for words in ("is not a number of days", "GB-ENG", "there is none", "JTC"):
            assert words in said

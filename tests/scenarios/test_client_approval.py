"""Stories of what waits for the client: compiled, exported or not, answered, and told to the subcontractor."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.scenarios.balances import form
from tests.scenarios.paperwork import body
from tests.scenarios.site import AFTER_DUE, AFTER_DUE_2, INVITED, INVITED_2, Register, Site, Sub, site

LONDON = {
    "Time zone": "Europe/London", "Currency": "GBP", "Language": "en-GB", "Location": "London",
}  # fmt: skip
LATER = "2026-02-05T16:00:00Z"
SUB = Sub(number="A", lines=[("1", "03-300", "20000"), ("2", "03-310", "5000")], vendor="V1")
CLIENT = [("10", "03-300", "40000"), ("20", "03-310", "20000")]
#: One commitment for each status of the story; F never gets further than being returned.
CLAIMS = {"A": "6000", "B": "2600", "C": "1000", "D": "900", "E": "400", "F": "300"}


def compiled(job: Site, period: int = 1) -> dict[str, Any]:
    """What `upstream compile --json` says."""
    found: dict[str, Any] = json.loads(job.at("upstream", "compile", "P1", str(period), "--json"))
    return found


def exported(job: Site) -> list[str]:
    """The documents that a generic batch takes now."""
    job.at("erp", "export", "P1", "--target", "csv")
    return [each for each in ("A/1",) if job.show(each)["facts"]["exported_in"]]


def under_review(job: Site, **claims: str) -> None:
    """Sub A bills, and the review workbook is out."""
    job.tick(INVITED)
    job.submit(SUB, {key.removeprefix("l"): {"work_this_period": amount} for key, amount in claims.items()})
    job.tick(AFTER_DUE)


def test_s40_only_what_is_approved_goes_up_and_the_rest_is_named_with_its_status(tmp_path: Path) -> None:
    """Approved 6,000, as noted 2,500 and pending 1,000 make 9,500; 1,600 is left out, each claim with its status."""
    subs = [Sub(number=name, lines=[("1", "03-300", "20000")]) for name in CLAIMS]
    with site(tmp_path, Register(subs=subs, client=CLIENT)) as job:
        job.tick(INVITED)
        for sub in subs:
            claim: dict[str, Any] = {"work_this_period": CLAIMS[sub.number]}
            if sub.number == "F":
                claim["retainage_release"] = "10"  # not asked for, so the workbook is returned
            job.submit(sub, {"1": claim})
        job.tick(AFTER_DUE)
        noted = {"1": {"approved_work": "2500", "line_reason": "One bay is not done"}}
        report = job.review(
            {
                "A": {"decision": "Approve"},
                "B": {"decision": "Approve", "lines": noted},
                "C": {"decision": "Pending owner approval"},
                "E": {"decision": "Reject", "reason": "Wrong month"},
            }
        )
        assert not [line for line in report if "not applied" in line], report
        assert "C/1: Pending Owner Approval" in report
        found = compiled(job)
        assert (found["matched"], found["downstream"]) == ("9500.00", "9500.00")
        assert found["left_out"]["total"] == "1600.00"
        named = {one["commitment"]: (one["status"], one["amount"]) for one in found["left_out"]["items"]}
        assert named == {
            "D": ("Under Review", "900.00"),
            "E": ("Revise & Resubmit", "400.00"),
            "F": ("Returned", "300.00"),
        }
        draft = job.folder / "output" / "P1" / "period-1" / "client-application-1-draft.xlsx"
        book = load_workbook(io.BytesIO(draft.read_bytes()), data_only=True)
        cells = [str(cell.value) for row in book["Exceptions"] for cell in row if cell.value is not None]
        assert {"Under Review", "Revise & Resubmit", "Returned", "Total left out"} <= set(cells)
        states = [str(cell.value) for row in book["Sources"] for cell in row]
        assert {"Approved", "Approved as Noted", "Pending Owner Approval"} <= set(states)


def test_in_the_us_nothing_is_payable_before_the_owner_agrees(tmp_path: Path) -> None:
    """Pending: figures stand, the sub is told that it waits, no ERP file. Then the owner agrees: approved, told, exported."""
    with site(tmp_path, Register(subs=[SUB], client=CLIENT)) as job:
        under_review(job, l1="6000", l2="500")
        job.approve("A", decision="Pending owner approval")
        job.tick(LATER)
        found = job.show("A/1")
        assert found["state"] == "Pending Owner Approval"
        form(found, "L4 6,500.00, L5 650.00, L6 5,850.00, L7 0.00, L8 5,850.00, L9 19,150.00")
        assert job.standing("A")["approved_this_period"] == "6500.00"
        told = job.last_mail(SUB.address, "pending owner approval")
        assert "still has to agree" in body(told)
        assert exported(job) == []
        assert compiled(job)["matched"] == "6500.00"
        job.at("decide", "A/1", "client-approves")
        job.tick("2026-02-05T18:00:00Z")
        assert job.show("A/1")["state"] == "Approved"
        assert job.show("A/1")["history"][-1]["what"] == "client_approves"
        last = job.mails(SUB.address, "approved")[-1]
        assert "pending" not in str(last["Subject"]).lower()
        assert "as you claimed it" in body(last)
        assert exported(job) == ["A/1"]


def test_what_the_owner_cuts_is_approved_as_noted_in_the_review_workbook(tmp_path: Path) -> None:
    """The cut takes the approval back and writes it anew; the next bill starts from it, and the client pays the rest."""
    with site(tmp_path, Register(subs=[SUB], client=CLIENT)) as job:
        under_review(job, l1="6000", l2="500")
        job.approve("A", decision="Pending owner approval")
        compiled(job)
        job.at("upstream", "issue", "P1", "1")
        job.at("review", "export", "P1", "1")
        job.tick(LATER)
        assert "approves" in job.review({"A": {"decision": "Approve"}})[0], "only the owner's answer is taken"
        bare = {"1": {"approved_work": "5000"}}
        assert "reason" in job.review({"A": {"decision": "Owner cuts", "lines": bare}})[0]
        assert "not applied" in job.review({"A": {"decision": "Owner cuts"}})[0]
        assert "not applied" in job.review({"A": {"decision": "Owner approves", "lines": bare}})[0]
        cut = {"1": {"approved_work": "5000", "line_reason": "The owner measured less"}}
        (line,) = job.review({"A": {"decision": "Owner cuts", "lines": cut}})
        assert line == "A/1: Approved as Noted, as the owner cut it"
        found = job.show("A/1")
        assert found["state"] == "Approved as Noted"
        form(found, "L4 5,500.00, L5 550.00, L6 4,950.00, L7 0.00, L8 4,950.00, L9 20,050.00")
        job.tick("2026-02-05T18:00:00Z")
        notice = body(job.last_mail(SUB.address, "approved as noted"))
        assert "The owner measured less" in notice
        assert "takes the place of" not in notice
        job.tick(INVITED_2)
        job.submit(SUB, {"1": {"work_this_period": "1000"}})
        job.tick(AFTER_DUE_2)
        job.approve("A")
        form(job.show("A/2"), "L4 6,500.00, L5 650.00, L6 5,850.00, L7 4,950.00, L8 900.00, L9 19,150.00")
        assert compiled(job, 2)["matched"] == "0.00", "1,000 less for January, 1,000 more for February"


@pytest.mark.parametrize("language", ["en-GB", "en-AU"])
def test_outside_the_us_the_client_stops_no_notice_and_no_export(tmp_path: Path, language: str) -> None:
    """The notice goes out as for any approval, and the ERP file is written; a cut after that needs the batch voided first."""
    with site(tmp_path, Register(subs=[SUB], client=CLIENT, project={**LONDON, "Language": language})) as job:
        under_review(job, l1="6000", l2="500")
        job.approve("A", decision="Pending client approval")
        job.tick(LATER)
        assert job.show("A/1")["state"] == "Pending Client Approval"
        notice = job.last_mail(SUB.address, "approved")
        assert "pending" not in (str(notice["Subject"]) + body(notice)).lower()
        assert exported(job) == ["A/1"]
        cut = ("decide", "A/1", "client-cuts", "--work", "1=5000", "--reason", "Measured less")
        assert "posted" in job.cli_error(*cut)
        batch = json.loads(job.cli("erp", "list", "--json"))[0]
        job.at("erp", "void", str(batch["batch"]))
        job.at(*cut)
        assert job.show("A/1")["state"] == "Approved as Noted"
        job.tick("2026-02-05T18:00:00Z")
        corrected = body(job.last_mail(SUB.address, "approved as noted"))
        assert "takes the place of our notice of" in corrected
        assert "5,500.00" in corrected


def test_a_pending_one_is_opened_again_and_a_project_may_choose(tmp_path: Path) -> None:
    """Reopened it is under review with no trace in the ledger; with Client first set to no, a US project exports at once."""
    with site(tmp_path, Register(subs=[SUB], client=CLIENT, project={"Client first": "no"})) as job:
        under_review(job, l1="6000")
        job.at("decide", "A/1", "pending-client-approval")
        job.at("decide", "A/1", "reopen", "--reason", "Too early")
        assert job.show("A/1")["state"] == "Under Review"
        assert job.cli_error("decide", "A/1", "client-approves")
        job.at("decide", "A/1", "pending-client-approval")
        assert exported(job) == ["A/1"]
        job.at("decide", "A/1", "client-approves")
        assert job.show("A/1")["state"] == "Approved"

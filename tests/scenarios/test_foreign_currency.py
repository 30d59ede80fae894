"""Stories of a commitment in another currency than its project: the rate is fixed at approval, and never valued again."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.scenarios.balances import form
from tests.scenarios.paperwork import body, workbook_of
from tests.scenarios.site import (
    ADMIN,
    AFTER_DUE,
    AFTER_DUE_2,
    INVITED,
    INVITED_2,
    Register,
    Site,
    Sub,
    site,
)

#: Facade works from Germany; steel of the project's own country.
FACADE = Sub(
    number="SC-1",
    lines=[("1", "08-440", "60000"), ("2", "08-800", "9000")],
    terms={"Currency": "EUR"},
    retainage="10",
)
STEEL = Sub(number="SC-2", lines=[("1", "05-120", "20000")], vendor="V2")
CLIENT = [("10", "08-440", "80000"), ("20", "05-120", "20000")]


def rate(day: date, value: str, pair: str = "EUR/USD") -> dict[str, Any]:
    """One row of the sheet Exchange rates; the rate as text, as a person types it."""
    own, other = pair.split("/")
    return {"From currency": own, "To currency": other, "Dated on": day, "Rate": value}


RATES = [
    rate(date(2025, 12, 31), "1.1"),
    rate(date(2026, 2, 3), "1.0835"),
    rate(date(2026, 2, 4), "1.2"),
    rate(date(2026, 2, 28), "1.123456"),
    rate(date(2026, 2, 3), "9.9", "GBP/USD"),
]


def register(rates: list[dict[str, Any]], *subs: Sub) -> Register:
    """The project in dollars with its rates."""
    return Register(subs=subs or (FACADE, STEEL), client=CLIENT, openings={"Exchange rates": rates})


def first_month(job: Site) -> None:
    """Both bill; nothing is decided yet. The review is on 3 February in Chicago."""
    job.tick(INVITED)
    job.submit(FACADE, {"1": {"work_this_period": "1234.56"}, "2": {"materials_stored": "500.55"}})
    job.submit(STEEL, {"1": {"work_this_period": "4000"}})
    job.tick(AFTER_DUE)


def compiled(job: Site, period: int) -> dict[str, Any]:
    """What `upstream compile --json` says."""
    found: dict[str, Any] = json.loads(job.at("upstream", "compile", "P1", str(period), "--json"))
    return found


def texts(data: bytes, title: str) -> list[str]:
    """Everything that a sheet shows as text."""
    sheet = load_workbook(io.BytesIO(data), data_only=True)[title]
    return [str(cell.value) for row in sheet for cell in row if cell.value is not None]


def test_the_newest_rate_up_to_the_day_of_approval_is_fixed(tmp_path: Path) -> None:
    """1,234.56 and 500.55 at 1.0835 are 1,337.65 and 542.35; the sub sees euros, the client dollars, JSON both."""
    with site(tmp_path, register(RATES)) as job:
        first_month(job)
        receipt = body(job.last_mail(FACADE.address))
        assert "€1,735.11" in receipt
        assert "$" not in receipt
        review = workbook_of(job.last_mail(ADMIN, "review"))
        # It went out on 26 January, when both had answered: then the older rate still counted.
        assert "USD 1,908.63 claimed, at 1.1 of 2025-12-31" in texts(review, "Applications")
        job.approve("SC-1", "SC-2")
        shown = job.show("SC-1/1")
        form(shown, "L4 1,735.11, L5 173.52, L6 1,561.59, L7 0.00, L8 1,561.59, L9 67,438.41")
        assert shown["currency"] == "EUR"
        assert shown["exchange"] == {
            "from_currency": "EUR", "currency": "USD", "rate": "1.0835", "dated_on": "2026-02-03",
            "gross_this_period": "1880.00", "current_payment_due": "1691.98", "payable": "1691.98",
            "lines": [
                {"line": "1", "work": "1337.65", "stored": "0.00"},
                {"line": "2", "work": "0.00", "stored": "542.35"},
            ],
        }  # fmt: skip
        assert job.show("SC-2/1")["exchange"] is None
        notice = body(job.last_mail(FACADE.address))
        assert "€" in notice
        assert "$" not in notice


def test_the_client_is_billed_in_the_projects_currency_and_all_of_it_ties(tmp_path: Path) -> None:
    """Matched 1,337.65 + 4,000.00, not matched 542.35, together what was approved; the workbook names rate and date."""
    with site(tmp_path, register(RATES)) as job:
        first_month(job)
        job.approve("SC-1", "SC-2")
        found = compiled(job, 1)
        assert (found["currency"], found["matched"], found["unmatched"], found["downstream"]) == (
            "USD", "5337.65", "542.35", "5880.00",
        )  # fmt: skip
        assert found["not_mapped"] == [
            {"commitment": "SC-1", "line": "2", "cost_code": "08-800", "amount": "542.35"}
        ]
        (draft,) = (job.folder / "output").glob("**/client-application-1-draft.xlsx")
        data = draft.read_bytes()
        assert "EUR 1,234.56 at 1.0835 of 2026-02-03" in texts(data, "Mapping")
        assert "EUR 500.55 at 1.0835 of 2026-02-03" in texts(data, "Exceptions")
        assert "EUR at 1.0835 of 2026-02-03" in texts(data, "Sources")
        assert "EUR" not in " ".join(texts(data, "Lines") + texts(data, "Summary"))


def test_each_application_keeps_its_own_rate(tmp_path: Path) -> None:
    """The second month is converted at its own rate; stored materials leave at what they came in with; nothing is left over."""
    with site(tmp_path, register(RATES)) as job:
        first_month(job)
        job.approve("SC-1", "SC-2")
        compiled(job, 1)
        job.at("upstream", "issue", "P1", "1")
        job.tick(INVITED_2)
        job.submit(
            FACADE,
            {"1": {"work_this_period": "1000"}, "2": {"work_this_period": "600.55", "materials_stored": "0"}},
        )
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        second = job.show("SC-1/2")["exchange"]
        assert (second["rate"], second["dated_on"]) == ("1.123456", "2026-02-28")
        # 1,000.00 at 1.123456; of line 2 the gross is 100.00, and what was stored goes over at its 542.35.
        assert second["lines"] == [
            {"line": "1", "work": "1123.46", "stored": "0.00"},
            {"line": "2", "work": "654.70", "stored": "-542.35"},
        ]
        assert second["gross_this_period"] == "1235.81"
        assert job.show("SC-1/1")["exchange"]["gross_this_period"] == "1880.00"
        found = compiled(job, 2)
        assert (found["matched"], found["unmatched"], found["downstream"]) == ("1123.46", "654.70", "1778.16")
        assert found["lines"][0]["completed_and_stored"] == "2461.11"
        job.verify()


def test_a_rate_that_is_not_there_stops_the_approval_and_says_what_to_do(tmp_path: Path) -> None:
    """Without a rate of that day or before, the decision is not applied; with one added, it is."""
    with site(tmp_path, register([rate(date(2026, 2, 4), "1.2")])) as job:
        first_month(job)
        assert "No rate from EUR to USD: add one before approving" in texts(
            workbook_of(job.last_mail(ADMIN, "review")), "Applications"
        )
        lines = job.review({"SC-1": {"decision": "Approve"}, "SC-2": {"decision": "Approve"}})
        (refused,) = [line for line in lines if "SC-1" in line]
        assert "exchange rate from EUR to USD of 2026-02-03 or before" in refused
        assert "Exchange rates" in refused
        assert job.show("SC-1/1")["state"] == "Under Review"
        assert job.show("SC-2/1")["state"] == "Approved"
        assert "exchange rate" in job.cli_error("decide", "SC-1/1", "approve")
        job.edit_register({("Exchange rates", "new"): rate(date(2026, 2, 2), "1.08")})
        job.at("decide", "SC-1/1", "approve")
        assert job.show("SC-1/1")["exchange"]["rate"] == "1.08"


def test_a_rate_with_which_nothing_can_be_right_is_not_fixed(tmp_path: Path) -> None:
    """At a rate of a thousand million a euro the approval is not applied, and the workbook says to correct the rate."""
    with site(tmp_path, register([rate(date(2026, 1, 2), "1000000000")])) as job:
        job.tick(INVITED)
        job.submit(FACADE, {"1": {"work_this_period": "50000"}})
        job.tick(AFTER_DUE)
        review = workbook_of(job.last_mail(ADMIN, "review"))
        said = "At 1000000000 of 2026-01-02 it is too large: correct the rate"
        assert said in texts(review, "Applications")
        (refused,) = job.review({"SC-1": {"decision": "Approve"}})[:1]
        assert "larger than any that is kept" in refused
        assert job.show("SC-1/1")["state"] == "Under Review"


def test_the_day_is_that_of_the_projects_own_zone(tmp_path: Path) -> None:
    """At half past four UTC on 4 February it is still the 3rd in Chicago, so the rate of the 4th does not count."""
    with site(tmp_path, register(RATES)) as job:
        first_month(job)
        job.tick("2026-02-04T04:30:00Z")
        job.approve("SC-1")
        assert job.show("SC-1/1")["exchange"]["dated_on"] == "2026-02-03"


def test_reopening_takes_the_rate_back_and_a_new_approval_fixes_anew(tmp_path: Path) -> None:
    """After the client was billed, the difference between both rates and amounts goes into the next application."""
    with site(tmp_path, register(RATES)) as job:
        first_month(job)
        job.approve("SC-1", "SC-2")
        compiled(job, 1)
        job.at("upstream", "issue", "P1", "1")
        job.tick("2026-02-04T16:00:00Z")
        job.at("decide", "SC-1/1", "reopen", "--reason", "Wrong axis")
        assert job.show("SC-1/1")["exchange"] is None
        job.verify()
        job.at("decide", "SC-1/1", "approve")
        again = job.show("SC-1/1")["exchange"]
        assert (again["rate"], again["gross_this_period"]) == ("1.2", "2082.13")
        found = compiled(job, 2)
        assert found["from_earlier_periods"]["items"] == [
            {"application": "SC-1/1", "line": "1", "cost_code": "08-440", "amount": "143.82"}
        ]
        assert (found["matched"], found["unmatched"]) == ("143.82", "600.66")


def test_why_tells_converted_amounts_in_their_own_currency(tmp_path: Path) -> None:
    """What was converted is told in dollars, what was billed in euros."""
    with site(tmp_path, register(RATES)) as job:
        first_month(job)
        job.approve("SC-1")
        told = {one["what"]: one for one in json.loads(job.cli("why", "SC-1/1", "--json"))["steps"]}
        assert told["exchange-rate-fixed"]["amounts"] == [
            "due 1691.98 USD gross 1880.00 USD payable 1691.98 USD rate 1.0835"
        ]
        assert told["application-lines-converted"]["amounts"] == [
            "line 1: work 1337.65 USD", "line 2: stored 542.35 USD",
        ]  # fmt: skip
        assert "line 1: work 1234.56" in told["lines-moved"]["amounts"]


def test_a_changed_rate_of_the_register_moves_nothing_that_was_approved(tmp_path: Path) -> None:
    """A rate that is corrected later counts for what is approved from then on."""
    with site(tmp_path, register(RATES)) as job:
        first_month(job)
        job.approve("SC-1")
        before = job.show("SC-1/1")
        said = job.edit_register({("Exchange rates", "EUR/USD/2026-02-03 00:00:00"): {"Rate": "1.5"}})
        assert said["changed"] == 1
        assert job.show("SC-1/1") == before
        assert compiled(job, 1)["matched"] == "1337.65"


@pytest.mark.parametrize(
    ("cells", "heading", "word"),
    [
        ({"Rate": "0"}, "Rate", "more than 0"),
        ({"Rate": "-1.1"}, "Rate", "more than 0"),
        ({"Rate": "1.123456789"}, "Rate", "8 decimals"),
        ({"Rate": "1,08"}, "Rate", "without doubt"),
        ({"Rate": "10%"}, "Rate", "without doubt"),
        ({"Rate": "two"}, "Rate", "without doubt"),
        ({"Rate": "99999999999"}, "Rate", "large"),
        ({"To currency": "EUR"}, "To currency", "must differ"),
        ({"From currency": "XXX"}, "From currency", "ISO 4217"),
        ({"From currency": "eur", "Dated on": date(2026, 2, 3)}, "Dated on", "twice"),
        ({"Dated on": "03/02/2026"}, "Dated on", "without doubt"),
    ],
)
def test_a_rate_that_is_none_is_refused_with_its_cell(
    tmp_path: Path, cells: dict[str, Any], heading: str, word: str
) -> None:
    """Not above zero, too fine, ambiguous, between a currency and itself, of no currency, or twice for a day."""
    columns = {"From currency": "B", "To currency": "C", "Dated on": "D", "Rate": "E"}
    with site(tmp_path, register(RATES)) as job:
        row = {**rate(date(2026, 5, 1), "1.1"), **cells}
        said = job.edit_register({("Exchange rates", "new"): row}, code=1)
        found = [one for one in said["problems"] if one["sheet"] == "Exchange rates"]
        assert word in found[0]["sentence"]
        assert found[0]["cell"] == f"{columns[heading]}10"


def test_a_foreign_commitment_without_any_rate_is_warned_of(tmp_path: Path) -> None:
    """The register says at once that approvals will wait, and takes the commitment all the same."""
    with site(tmp_path, register([rate(date(2026, 2, 3), "9.9", "GBP/USD")])) as job:
        said = job.edit_register({("Commitments", "SC-1"): {"Title": "Facade"}})
        (problem,) = [one for one in said["problems"] if "exchange" in one["expected"]]
        assert "no rate from EUR to USD" in problem["sentence"]
        assert problem["sheet"] == "Commitments"


def test_an_admins_limit_is_held_against_the_converted_amount(tmp_path: Path) -> None:
    """1,561.59 euros are 1,691.98 dollars: over a limit of 1,600 dollars, within one of 1,700."""
    for limit, may in ((1600, False), (1700, True)):
        folder = tmp_path / str(limit)
        folder.mkdir()
        lee = {
            "Email": "lee@gc.example", "Name": "Lee", "Projects": "*", "May": "approve",
            "Approval limit": limit, "Limit currency": "USD",
        }  # fmt: skip
        made = Register(subs=[FACADE], client=CLIENT, admins=[lee], openings={"Exchange rates": RATES})
        with site(folder, made) as job:
            job.tick(INVITED)
            job.submit(FACADE, {"1": {"work_this_period": "1735.10"}})
            job.tick(AFTER_DUE)
            lines = job.review_as("lee@gc.example", {"SC-1": {"decision": "Approve"}})
            assert ("1,691.98" in lines[0]) is not may, lines
            assert job.show("SC-1/1")["state"] == ("Approved" if may else "Under Review")


def test_yen_billed_to_a_project_in_dinars(tmp_path: Path) -> None:
    """From no decimals to three: JPY 40,741 at 0.00204568 are KWD 83.343 (83.34304...), rounded once."""
    sub = Sub(number="SC-1", lines=[("1", "08-440", "123457")], terms={"Currency": "JPY"})
    made = Register(
        subs=[sub],
        project={"Currency": "KWD"},
        client=CLIENT,
        openings={"Exchange rates": [rate(date(2026, 1, 1), "0.00204568", "JPY/KWD")]},
    )
    with site(tmp_path, made) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"percent_to_date": "33"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        found = job.show("SC-1/1")
        form(found, "L4 40741, L5 4074, L6 36667, L7 0, L8 36667, L9 86790")
        assert found["exchange"]["gross_this_period"] == "83.343"
        assert compiled(job, 1)["matched"] == "83.343"
        assert "gross 83.343 KWD" in job.cli("why", "SC-1/1", "--json")

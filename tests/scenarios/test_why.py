"""Stories in which every figure of every summary is asked why: each answer adds up and ends at evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import text as sql

from tests.scenarios.questions import ask_everything, text, told
from tests.scenarios.site import (
    AFTER_DUE,
    AFTER_DUE_2,
    AFTER_DUE_3,
    INVITED,
    INVITED_2,
    INVITED_3,
    Register,
    Sub,
    site,
)
from tests.scenarios.test_cis import billed, under_cis
from tests.scenarios.test_opening_balances import SUB as JOINED
from tests.scenarios.test_opening_balances import joined


def test_everything_of_three_months_with_a_noted_line_a_deduction_and_a_client(tmp_path: Path) -> None:
    """Percent and amounts, less approved than claimed, stored materials, a change order, a backcharge, the client."""
    sub = Sub(
        number="SC-1",
        lines=[("1", "03-300", "60000"), ("2", "05-120", "40000"), ("C1", "03-300", "-1500", "1")],
        change_orders=[("1", "approved", "-1500")],
        stored_retainage="5",
        invite_for="both",
    )
    other = Sub(number="SC-2", lines=[("1", "09-900", "5000")], billed_by="on behalf")
    register = Register(
        subs=[sub, other],
        deductions=[("SC-1", "BC-1", "650.00")],
        client=[("10", "03-300", "90000"), ("20", "05-120", "60000")],
    )
    with site(tmp_path, register) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"percent_to_date": "20"}, "2": {"materials_stored": "3000"}})
        job.tick(AFTER_DUE)
        job.enter("SC-2", "Billed by phone", {"1": {"work_this_period": "1000"}})
        noted = {
            "decision": "Approve", "reason": "",
            "lines": {"1": {"approved_work": "11000", "line_reason": "Level 3 is not poured"}},
        }  # fmt: skip
        job.review({"SC-1": noted, "SC-2": {"decision": "Approve"}})
        ask_everything(job)
        job.at("upstream", "compile", "P1", "1")
        job.at("upstream", "issue", "P1", "1")
        job.tick(INVITED_2)
        second = {
            "1": {"work_this_period": "12345.67"},
            "2": {"work_this_period": "2000", "materials_stored": "1000"},
            "C1": {"work_this_period": "-1500"},
        }
        job.submit(sub, second)
        ask_everything(job)
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        job.at("upstream", "compile", "P1", "2")
        job.tick(INVITED_3)
        job.submit(sub, {"1": {"retainage_release": "500"}})
        job.tick(AFTER_DUE_3)
        job.approve("SC-1")
        job.at("erp", "export", "P1", "--target", "json")
        assert ask_everything(job) >= 100


def test_everything_of_a_contract_that_joined_midway(tmp_path: Path) -> None:
    """Opening balances end at their cells in the register; the old tranche is told apart; all of it is released."""
    with site(tmp_path, joined()) as job:
        job.tick(INVITED)
        lines = {
            "1": {"work_this_period": "10000"},
            "2": {"work_this_period": "3700", "materials_stored": "0"},
        }
        job.submit(JOINED, lines)
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(INVITED_2)
        job.submit(
            JOINED,
            {"1": {"retainage_release": "2000"}, "2": {"retainage_release": "1270"}},
        )
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        assert ask_everything(job) >= 100
        said = "\n".join(text(job, "SC-1/4", "1", "retainage held"))
        assert "Opening lines!" in said


def test_every_rule_of_retainage_is_told(tmp_path: Path) -> None:
    """Own rates, a fixed amount, steps both ways, caps, whole units, contract rounding; two months, with a release."""
    two = [("1", "03-300", "60000"), ("2", "05-120", "40000.55")]
    subs = [
        Sub(number="FLAT", lines=two, line_terms={"2": {"Retainage on work": "5%"}}, invite_for="both"),
        Sub(
            number="FIXED", lines=two, line_terms={"2": {"Retainage amount": 500}}, invite_for="both",
            terms={"Retainage in whole units": "yes"},
        ),
        Sub(number="STEPS", lines=two, invite_for="both", terms={"Retainage steps": "20%: 5%, 50%: 2.5%"}),
        Sub(
            number="BACK", lines=two, invite_for="both",
            terms={"Retainage steps": "20%: 5%", "Steps apply to": "all work"},
        ),
        Sub(number="CAP", lines=two, invite_for="both", terms={"Retainage cap": "3%"}),
        Sub(number="MONEY", lines=two, invite_for="both", terms={"Cap amount": 2500}),
        Sub(number="ROUND", lines=two, invite_for="both", terms={"Retainage rounded by": "contract"}),
        Sub(
            number="ALL", lines=two, invite_for="both",
            terms={
                "Retainage steps": "20%: 5%", "Retainage cap": "4%", "Cap of": "revised value",
                "Retainage rounded by": "contract", "Retainage in whole units": "yes",
            },
        ),
    ]  # fmt: skip
    months = (
        (INVITED, AFTER_DUE, {"1": {"work_this_period": "17333.35"}, "2": {"materials_stored": "1234.56"}}),
        (
            INVITED_2,
            AFTER_DUE_2,
            {"1": {"work_this_period": "20000.05", "retainage_release": "100"}, "2": {"work_this_period": "9999.99"}},
        ),
    )  # fmt: skip
    with site(tmp_path, Register(subs=subs)) as job:
        for invited, due, entries in months:
            job.tick(invited)
            for sub in subs:
                job.submit(sub, entries)
            job.tick(due)
            job.approve(*(sub.number for sub in subs))
        assert ask_everything(job) > 500


def test_everything_after_reopening_correcting_and_stock_that_becomes_work(tmp_path: Path) -> None:
    """A reopened approval, a corrected value and rate, materials that move by themselves, a claim that was superseded."""
    auto = {"Stored materials": "auto to previous"}
    sub = Sub(number="SC-1", lines=[("1", "03-300", "20000"), ("2", "05-120", "9000")], more=auto)
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "1000", "materials_stored": "800"}})
        job.submit(sub, {"1": {"work_this_period": "1100", "materials_stored": "700"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.cli("decide", "SC-1/1", "reopen", "--reason", "Counted again", "--now", AFTER_DUE)
        ask_everything(job)
        job.at("decide", "SC-1/1", "approve")
        correction = {
            "Commitment": "SC-1", "Sheet": "Schedule of values", "Date": job.now.date(), "Reason": "Agreed on site",
        }  # fmt: skip
        job.edit_register(
            {
                ("Corrections", "SC-1/Schedule of values/1"): {
                    **correction, "Row": "1", "Column": "Scheduled value", "New value": "21000",
                },
                ("Corrections", "SC-1/Schedule of values/2"): {
                    **correction, "Row": "2", "Column": "Retainage on work", "New value": "5%",
                },
            }
        )  # fmt: skip
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"percent_to_date": "50"}, "2": {"work_this_period": "3000"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        assert ask_everything(job) > 100
        value = "\n".join(text(job, "SC-1/2", "1", "scheduled value"))
        assert '1,000.00  Changed in the register: correction dated 2026-02-03: "Agreed on site"' in value
        before = "\n".join(text(job, "SC-1/2", "1", "previous"))
        assert "count as work from this one on: they move by themselves" in before


def test_everything_under_vat_and_cis_in_british_words(tmp_path: Path) -> None:
    """VAT, CIS with materials and a contra charge before tax, in British words."""
    sub, register = under_cis("registered", "VAT20")
    register = replace(register, deductions=[("SC-1", "BC-1", "650.00", "reduces the taxable value")])
    with site(tmp_path, register) as job:
        found = billed(job, sub, materials_in_payment="22500")
        assert found["summary"]["payable"] == "76350.00"
        assert ask_everything(job) > 20
        said = "\n".join(text(job, "SC-1/3", "payable"))
        assert "CIS 20 % (registered)" in said
        assert "Contra charge BC-1" in said
        assert "retainage" not in said.lower()


def test_everything_after_practical_completion_and_on_an_old_issue(tmp_path: Path) -> None:
    """The rate after completion is told with its date; a workbook of a replaced issue is read as it was carried over."""
    sub = Sub(
        number="SC-1",
        lines=[("1", "03-300", "100000"), ("C1", "03-300", "20000", "1")],
        change_orders=[("1", "pending", "20000")],
        retainage="5",
        terms={"Retainage after completion": "2.5%"},
    )
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        old = job.invite(sub)
        job.edit_register(
            {("Change orders", "SC-1/1"): {"Status": "approved", "Approved on": date(2026, 1, 20)}}
        )
        job.tick()
        job.submit(sub, {"1": {"percent_to_date": "40"}}, answering=old)
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.edit_register({("Commitments", "SC-1"): {"Practical completion": date(2026, 2, 20)}})
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"work_this_period": "20000"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        assert ask_everything(job) > 60
        said = "\n".join(text(job, "SC-1/2", "1", "retainage"))
        assert "after practical completion on February 20, 2026" in said


def test_a_figure_that_does_not_tie_says_so_and_fails(tmp_path: Path) -> None:
    """A ledger row that was altered by hand, and a workbook that is gone from the archive: both are said, exit 1."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "1000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "500"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        with job.w.store.engine.begin() as conn:
            conn.execute(sql("DROP TRIGGER guard_retainage_entry_update"))
            conn.execute(sql("UPDATE retainage_entry SET amount_minor = 4900"))
        said = job.cli("why", "SC-1/1", "L5", code=1)
        assert "DOES NOT TIE: The same in the ledger: its parts add up to 49.00, not to 50.00." in said
        assert told(job, "SC-1/1", "L5", code=1)["adds_up"] is False
        assert told(job, "SC-1/1", "L1")["adds_up"] is True
        with job.w.store.engine.begin() as conn:
            conn.execute(sql("UPDATE retainage_entry SET amount_minor = 5000"))
        sha = job.show("SC-1/1")["history"][0]["workbook_sha256"]
        kept = tmp_path / "archive" / sha[:2] / sha
        data = kept.read_bytes()
        kept.unlink()
        assert "The original is not as it was" in job.cli("why", "SC-1/1", "1", "work", code=1)
        kept.write_bytes(data)


def test_what_is_not_there_is_said_with_what_there_is(tmp_path: Path) -> None:
    """An unknown application, figure, line figure, document and client application each get a sentence and exit 1."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "1000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "500"}})
        for words, expected in (
            (("SC-9/1",), "there is nothing called SC-9/1"),
            (("SC-1/1", "profit"), "there is no figure profit; known are: L1 Original contract sum"),
            (("SC-1/1", "1", "profit"), "a line has no figure"),
            (("erp:X",), "no batch has a document X"),
            (("P1/1",), "there is nothing called P1/1"),
            (("inbox:99",), "there is nothing called inbox:99"),
        ):
            done = job._run(["why", *words])
            assert (done.exit_code, expected in done.stderr) == (1, True), done.stderr
        assert "mail received" in job.cli("why", "inbox:1")

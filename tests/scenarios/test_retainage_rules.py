"""Stories of retainage beyond one flat rate: by line, up to a cap, in steps, by date, rounded by contract."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from batch.edges.store import queries_register, tables
from batch.formats.register.read import read as read_register
from tests.scenarios.balances import column, follows_on, form
from tests.scenarios.registers import register_workbook
from tests.scenarios.site import (
    AFTER_DUE,
    AFTER_DUE_2,
    AFTER_DUE_3,
    INVITED,
    INVITED_2,
    INVITED_3,
    Register,
    Site,
    Sub,
    site,
)


def billed(job: Site, sub: Sub, invited: str, due: str, entries: dict[str, dict[str, str]]) -> None:
    """One period of one commitment: invited, billed, approved as claimed."""
    job.tick(invited)
    job.submit(sub, entries)
    job.tick(due)
    job.approve(sub.number)


def test_a_line_may_have_its_own_rates_or_none(tmp_path: Path) -> None:
    """A bond bears no retainage and one line bears 5 %, beside the 10 % of the commitment; a correction re-rates."""
    sub = Sub(
        number="SC-1",
        lines=[("BOND", "01-100", "4000"), ("1", "03-300", "50000"), ("2", "05-120", "20000")],
        line_terms={
            "BOND": {"Retainage on work": "0%", "Retainage on stored": "0%"},
            "2": {"Retainage on work": "5%"},
        },
    )
    with site(tmp_path, Register(subs=[sub])) as job:
        first_entries = {
            "BOND": {"percent_to_date": "100"},
            "1": {"work_this_period": "12345.67"},
            "2": {"work_this_period": "8000.10", "materials_stored": "1000"},
        }
        billed(job, sub, INVITED, AFTER_DUE, first_entries)
        first = job.show("SC-1/1")
        form(
            first,
            "L4 25,345.77, L5a 1,634.58, L5b 100.00, L5 1,734.58, L6 23,611.19, L7 0.00, L8 23,611.19, L9 50,388.81",
        )
        assert column(first, "retainage_held") == ["0.00", "1234.57", "500.01"]
        assert first["findings"] == []
        # A correction with a reason lowers one line's rate; the next application re-rates what was withheld.
        job.edit_register(
            {
                ("Corrections", "SC-1/Schedule of values/1"): {
                    "Commitment": "SC-1", "Sheet": "Schedule of values", "Row": "1", "Column": "Retainage on work",
                    "New value": "5%", "Date": job.now.date(), "Reason": "Agreed on 2 February",
                }
            }
        )  # fmt: skip
        billed(job, sub, INVITED_2, AFTER_DUE_2, {"1": {"work_this_period": "7654.33"}})
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(
            second,
            "L4 33,000.10, L5 1,500.01, L6 31,500.09, L7 23,611.19, L8 7,888.90, L9 42,499.91",
        )
        assert column(second, "retainage_held") == ["0.00", "1000.00", "500.01"]


def entered(job: Site, commitment: str) -> list[str]:
    """The ledger of retainage of a commitment, in order: kind and amount."""
    with job.w.store.read() as conn:
        (found,) = [row for row in queries_register.commitments(conn, 1) if row["number"] == commitment]
        query = select(tables.retainage_entry).where(tables.retainage_entry.c.commitment_id == found["id"])
        rows = conn.execute(query.order_by(tables.retainage_entry.c.id)).mappings().all()
    return [f"{row['kind']} {row['amount_minor'] / 100:.2f}" for row in rows]


def test_s07_retainage_rounded_by_line_and_by_contract(tmp_path: Path) -> None:
    """Three lines of 33.35 hold 10.02 by line; by contract 10.01, with the difference on the last line."""
    lines = [(key, "03-300", "100") for key in ("1", "2", "3")]
    by_line = Sub(number="SC-1", lines=lines)
    by_contract = Sub(number="SC-2", lines=lines, terms={"Retainage rounded by": "contract"})
    works = {key: {"work_this_period": "33.35"} for key in ("1", "2", "3")}
    with site(tmp_path, Register(subs=[by_line, by_contract])) as job:
        job.tick(INVITED)
        job.submit(by_line, works)
        job.submit(by_contract, works)
        job.tick(AFTER_DUE)
        job.approve("SC-1", "SC-2")
        first, second = job.show("SC-1/1"), job.show("SC-2/1")
        form(first, "L4 100.05, L5 10.02, L6 90.03, L7 0.00, L8 90.03, L9 209.97")
        form(second, "L4 100.05, L5 10.01, L6 90.04, L7 0.00, L8 90.04, L9 209.96")
        assert column(first, "retainage_held") == ["3.34", "3.34", "3.34"]
        assert column(second, "retainage_held") == ["3.34", "3.34", "3.33"]
        assert first["findings"] == second["findings"] == []


def test_s17_and_s18_a_step_at_half_forward_and_for_all_work(tmp_path: Path) -> None:
    """Past half of 100,000 the rate is 5 %: for later work L5 is 5,600.00, for all work 3,100.00 with what that gives back."""
    lines = [("1", "03-300", "50000"), ("2", "05-120", "50000")]
    forward = Sub(number="SC-1", lines=lines, terms={"Retainage steps": "50%: 5%"})
    back = Sub(number="SC-2", lines=lines, terms={"Retainage steps": "50%: 5%", "Steps apply to": "all work"})
    with site(tmp_path, Register(subs=[forward, back])) as job:
        job.tick(INVITED)
        for sub in (forward, back):
            job.submit(sub, {"1": {"work_this_period": "48000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1", "SC-2")
        form(
            job.show("SC-1/1"), "L4 48,000.00, L5 4,800.00, L6 43,200.00, L7 0.00, L8 43,200.00, L9 56,800.00"
        )
        job.tick(INVITED_2)
        for sub in (forward, back):
            job.submit(sub, {"1": {"work_this_period": "2000"}, "2": {"work_this_period": "12000"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1", "SC-2")
        later, all_work = job.show("SC-1/2"), job.show("SC-2/2")
        follows_on(later, job.show("SC-1/1"))
        form(later, "L4 62,000.00, L5 5,600.00, L6 56,400.00, L7 43,200.00, L8 13,200.00, L9 43,600.00")
        follows_on(all_work, job.show("SC-2/1"))
        form(all_work, "L4 62,000.00, L5 3,100.00, L6 58,900.00, L7 43,200.00, L8 15,700.00, L9 41,100.00")
        assert later["findings"] == all_work["findings"] == []
        assert entered(job, "SC-2") == [
            "withheld 4800.00",
            "re-rated -2400.00",
            "withheld 100.00",
            "withheld 600.00",
        ]


def test_s23_a_part_release_under_steps_is_not_clawed_back(tmp_path: Path) -> None:
    """What was released stays released when the rate steps: forward, for all work, and where more was released than that rate."""
    lines = [("A", "03-300", "20000")]
    every = {"Retainage steps": "50%: 5%", "Steps apply to": "all work"}
    forward = Sub(number="SC-1", lines=lines, invite_for="both", terms={"Retainage steps": "50%: 5%"})
    back = Sub(number="SC-2", lines=lines, invite_for="both", terms=every)
    floor = Sub(number="SC-3", lines=lines, invite_for="both", terms=every)
    names = ("SC-1", "SC-2", "SC-3")
    with site(tmp_path, Register(subs=[forward, back, floor])) as job:
        months = (
            (INVITED, AFTER_DUE, ("9000", "9000", "9000"), "work_this_period"),
            (INVITED_2, AFTER_DUE_2, ("450", "450", "800"), "retainage_release"),
            (INVITED_3, AFTER_DUE_3, ("3000", "3000", "3000"), "work_this_period"),
        )
        for invited, due, figures, entry in months:
            job.tick(invited)
            for sub, figure in zip((forward, back, floor), figures, strict=True):
                job.submit(sub, {"A": {entry: figure}})
            job.tick(due)
            job.approve(*names)
        for name in names:
            follows_on(job.show(f"{name}/3"), job.show(f"{name}/2"))
        form(
            job.show("SC-1/3"), "L4 12,000.00, L5 650.00, L6 11,350.00, L7 8,550.00, L8 2,800.00, L9 8,650.00"
        )
        form(
            job.show("SC-2/3"), "L4 12,000.00, L5 150.00, L6 11,850.00, L7 8,550.00, L8 3,300.00, L9 8,150.00"
        )
        form(job.show("SC-3/3"), "L4 12,000.00, L5 0.00, L6 12,000.00, L7 8,900.00, L8 3,100.00, L9 8,000.00")
        assert entered(job, "SC-2") == [
            "withheld 900.00", "released 450.00", "re-rated -450.00", "withheld 150.00",
        ]  # fmt: skip
        assert entered(job, "SC-3") == ["withheld 900.00", "released 800.00", "re-rated -100.00"]


def test_a_re_rated_approval_can_be_opened_again(tmp_path: Path) -> None:
    """Reopening takes back what was re-rated and withheld, and the same decision writes it once more."""
    terms = {"Retainage steps": "50%: 5%", "Steps apply to": "all work"}
    sub = Sub(number="SC-1", lines=[("1", "03-300", "100000")], terms=terms)
    with site(tmp_path, Register(subs=[sub])) as job:
        billed(job, sub, INVITED, AFTER_DUE, {"1": {"work_this_period": "48000"}})
        billed(job, sub, INVITED_2, AFTER_DUE_2, {"1": {"work_this_period": "14000"}})
        before = job.show("SC-1/2")
        job.cli("decide", "SC-1/2", "reopen", "--reason", "Counted again", "--now", AFTER_DUE_2)
        job.tick("2026-03-03T18:00:00Z")
        job.verify()
        job.approve("SC-1")
        again = job.show("SC-1/2")
        assert (again["summary"], again["lines"]) == (before["summary"], before["lines"])
        moved = ["re-rated -2400.00", "withheld 700.00"]
        taken_back = ["reversed withheld -700.00", "reversed re-rated 2400.00"]
        assert entered(job, "SC-1") == ["withheld 4800.00", *moved, *taken_back, *moved]


def test_s20_a_cap_and_what_is_released_is_not_withheld_again(tmp_path: Path) -> None:
    """10 % until 5 % of 400,000 is held: 15,000, 20,000, 20,000; half released with the last work, and nothing withheld anew."""
    sub = Sub(
        number="SC-1",
        lines=[("1", "03-300", "250000"), ("2", "05-120", "150000")],
        terms={"Retainage cap": "5%"},
        invite_for="both",
    )
    with site(tmp_path, Register(subs=[sub])) as job:
        billed(job, sub, INVITED, AFTER_DUE, {"1": {"work_this_period": "150000"}})
        first = job.show("SC-1/1")
        form(first, "L4 150,000.00, L5 15,000.00, L6 135,000.00, L7 0.00, L8 135,000.00, L9 265,000.00")
        billed(job, sub, INVITED_2, AFTER_DUE_2, {"2": {"work_this_period": "80000"}})
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(second, "L4 230,000.00, L5 20,000.00, L6 210,000.00, L7 135,000.00, L8 75,000.00, L9 190,000.00")
        assert column(second, "withheld_this_period") == ["0.00", "5000.00"]
        rest = {
            "1": {"work_this_period": "100000", "retainage_release": "10000"},
            "2": {"work_this_period": "70000"},
        }
        billed(job, sub, INVITED_3, AFTER_DUE_3, rest)
        third = job.show("SC-1/3")
        follows_on(third, second)
        form(third, "L4 400,000.00, L5 10,000.00, L6 390,000.00, L7 210,000.00, L8 180,000.00, L9 10,000.00")
        assert column(third, "withheld_this_period") == ["0.00", "0.00"]
        found = [one["code"] for each in (first, second, third) for one in each["findings"]]
        assert "retainage-changed" not in found


def test_a_raised_revised_value_catches_up(tmp_path: Path) -> None:
    """A change order raises the revised value, so the next bill withholds what the old cap left out."""
    sub = Sub(
        number="SC-1",
        lines=[("1", "03-300", "100000"), ("C1", "03-300", "20000", "1")],
        change_orders=[("1", "pending", "20000")],
        terms={"Retainage cap": "5%", "Cap of": "revised value"},
    )
    with site(tmp_path, Register(subs=[sub])) as job:
        billed(job, sub, INVITED, AFTER_DUE, {"1": {"work_this_period": "80000"}})
        first = job.show("SC-1/1")
        form(
            first,
            "L3 100,000.00, L4 80,000.00, L5 5,000.00, L6 75,000.00, L7 0.00, L8 75,000.00, L9 25,000.00",
        )
        job.edit_register(
            {("Change orders", "SC-1/1"): {"Status": "approved", "Approved on": date(2026, 2, 10)}}
        )
        billed(job, sub, INVITED_2, AFTER_DUE_2, {"1": {"work_this_period": "1000"}})
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(
            second,
            "L3 120,000.00, L4 81,000.00, L5 6,000.00, L6 75,000.00, L7 75,000.00, L8 0.00, L9 45,000.00",
        )


def test_a_fixed_amount_in_whole_units(tmp_path: Path) -> None:
    """One line keeps back 500 from its first work on and no more; the rest is 10 % without cents."""
    sub = Sub(
        number="SC-1",
        lines=[("1", "03-300", "20000"), ("2", "05-120", "9000")],
        terms={"Retainage in whole units": "yes"},
        line_terms={"2": {"Retainage amount": 500}},
    )
    with site(tmp_path, Register(subs=[sub])) as job:
        works = {"1": {"work_this_period": "1234.56"}, "2": {"work_this_period": "300"}}
        billed(job, sub, INVITED, AFTER_DUE, works)
        first = job.show("SC-1/1")
        form(first, "L4 1,534.56, L5 423.00, L6 1,111.56, L7 0.00, L8 1,111.56, L9 27,888.44")
        billed(job, sub, INVITED_2, AFTER_DUE_2, {"2": {"work_this_period": "4000"}})
        second = job.show("SC-1/2")
        follows_on(second, first)
        assert column(second, "retainage_held") == ["123.00", "500.00"]


def test_the_rate_goes_by_the_valuation_date(tmp_path: Path) -> None:
    """Practical completion on 27 February: February's valuation bears 2.5 % on all work, January's 5 %."""
    sub = Sub(
        number="SC-1",
        lines=[("1", "03-300", "100000")],
        retainage="5",
        terms={"Retainage after completion": "2.5%"},
    )
    with site(tmp_path, Register(subs=[sub])) as job:
        billed(job, sub, INVITED, AFTER_DUE, {"1": {"work_this_period": "80000"}})
        first = job.show("SC-1/1")
        form(first, "L4 80,000.00, L5 4,000.00, L6 76,000.00, L7 0.00, L8 76,000.00, L9 24,000.00")
        job.edit_register({("Commitments", "SC-1"): {"Practical completion": date(2026, 2, 27)}})
        billed(job, sub, INVITED_2, AFTER_DUE_2, {"1": {"work_this_period": "20000"}})
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(second, "L4 100,000.00, L5 2,500.00, L6 97,500.00, L7 76,000.00, L8 21,500.00, L9 2,500.00")
        assert entered(job, "SC-1") == ["withheld 4000.00", "re-rated -2000.00", "withheld 500.00"]


def test_a_rule_is_frozen_by_the_first_invite(tmp_path: Path) -> None:
    """After the first invite a cap changes only by a correction; an invite that is out keeps the cap it was issued with."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "100000")], terms={"Retainage cap": "5%"})
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.edit_register({("Commitments", "SC-1"): {"Retainage cap": "4%"}}, code=1)
        corrections = {"Retainage cap": "4%", "Retainage steps": "50%: 5%"}
        job.edit_register(
            {
                ("Corrections", f"SC-1/Commitments//{heading}"): {
                    "Commitment": "SC-1", "Sheet": "Commitments", "Column": heading, "New value": value,
                    "Date": date(2026, 1, 27), "Reason": "As signed",
                }
                for heading, value in corrections.items()
            }
        )  # fmt: skip
        job.submit(sub, {"1": {"work_this_period": "60000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        first = job.show("SC-1/1")
        form(first, "L4 60,000.00, L5 5,000.00, L6 55,000.00, L7 0.00, L8 55,000.00, L9 45,000.00")
        billed(job, sub, INVITED_2, AFTER_DUE_2, {"1": {"work_this_period": "10000"}})
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(second, "L4 70,000.00, L5 4,000.00, L6 66,000.00, L7 55,000.00, L8 11,000.00, L9 34,000.00")
        assert entered(job, "SC-1") == ["withheld 5000.00", "re-rated -1000.00"]


@pytest.mark.parametrize(
    ("terms", "line_terms", "sentence"),
    [
        ({"Retainage steps": "75%: 5%, 50%: 0%"}, {}, "steps go from low to high"),
        ({"Retainage steps": "50%: 150%"}, {}, "150% is more than 100%"),
        ({"Retainage steps": "half"}, {}, "is not a step such as 50%: 5%"),
        ({"Retainage cap": "5%", "Cap amount": 1000}, {}, "There is a cap in percent too"),
        ({}, {"1": {"Retainage on work": "5%", "Retainage amount": 100}}, "a rate of retainage or an amount"),
        ({}, {"1": {"Retainage on work": "150%"}}, "is not from 0 to 100"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    terms: dict[str, Any], line_terms: dict[str, dict[str, Any]], sentence: str
) -> None:
    """A rule of retainage that says two things, or none, is refused at its cell with a sentence."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "1000")], terms=terms, line_terms=line_terms)
    made = register_workbook(Register(subs=[sub]).rows(), datetime(2026, 1, 2, tzinfo=UTC))
    problems = [one for one in read_register(made).problems if sentence in one.sentence]
    assert [bool(one.cell) for one in problems] == [True]

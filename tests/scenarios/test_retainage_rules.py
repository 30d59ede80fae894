"""Stories of retainage beyond one flat rate: by line, up to a cap, in steps, by date, rounded by contract."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.balances import column, follows_on, form
from tests.scenarios.site import AFTER_DUE, AFTER_DUE_2, INVITED, INVITED_2, Register, Site, Sub, site


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

"""Stories of retainage: split rates, stored materials, releases in part and in full, the kinds of invite, the last bill."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.scenarios.balances import column, follows_on, form
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


def billed(
    job: Site,
    sub: Sub,
    invited: str,
    due: str,
    entries: dict[str, dict[str, str]],
    decision: str = "Approve",
) -> None:
    """One period of one commitment: invited, billed, approved as claimed."""
    job.tick(invited)
    job.submit(sub, entries)
    job.tick(due)
    job.approve(sub.number, decision=decision)


def test_s03_work_and_stored_materials_have_their_own_rates(tmp_path: Path) -> None:
    """10 % on work and 5 % on stored materials are rounded apart and add up; built in, material goes over to the work rate."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "100000")], retainage="10", stored_retainage="5")
    with site(tmp_path, Register(subs=[sub])) as job:
        billed(job, sub, INVITED, AFTER_DUE, {"1": {"work_this_period": "40000"}})
        first = job.show("SC-1/1")
        form(
            first,
            "L1 100,000.00, L2 0.00, L3 100,000.00, L4 40,000.00, L5a 4,000.00, L5b 0.00, L5 4,000.00, "
            "L6 36,000.00, L7 0.00, L8 36,000.00, L9 64,000.00, gross 40,000.00, payable 36,000.00",
        )
        second_entries = {"1": {"work_this_period": "12500", "materials_stored": "8000"}}
        billed(job, sub, INVITED_2, AFTER_DUE_2, second_entries)
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(
            second,
            "L3 100,000.00, L4 60,500.00, L5a 5,250.00, L5b 400.00, L5 5,650.00, L6 54,850.00, L7 36,000.00, "
            "L8 18,850.00, L9 45,150.00, gross 20,500.00, payable 18,850.00",
        )
        built_in = {"1": {"work_this_period": "5000", "materials_stored": "3000"}}
        billed(job, sub, INVITED_3, AFTER_DUE_3, built_in, "Approve credit")
        third = job.show("SC-1/3")
        follows_on(third, second)
        form(
            third,
            "L4 60,500.00, L5a 5,750.00, L5b 150.00, L5 5,900.00, L6 54,600.00, L7 54,850.00, L8 -250.00, "
            "L9 45,400.00, gross 0.00, payable -250.00",
        )
        assert "credit-application" in [one["code"] for one in third["findings"]]


def test_s22_everything_held_is_released_without_new_work(tmp_path: Path) -> None:
    """An invite of kind release pays out what is held: no work, nothing held any more, nothing left."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "30000"), ("2", "05-120", "20000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        billed(
            job,
            sub,
            INVITED,
            AFTER_DUE,
            {"1": {"percent_to_date": "100"}, "2": {"work_this_period": "20000"}},
        )
        first = job.show("SC-1/1")
        form(first, "L4 50,000.00, L5 5,000.00, L6 45,000.00, L7 0.00, L8 45,000.00, L9 5,000.00")
        job.edit_register({("Commitments", "SC-1"): {"Invite for": "release"}})
        release = {"1": {"retainage_release": "3000"}, "2": {"retainage_release": "2000"}}
        billed(job, sub, INVITED_2, AFTER_DUE_2, release)
        assert job.standing("SC-1", 2)["kind"] == "release"
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(
            second,
            "L4 50,000.00, L5a 0.00, L5b 0.00, L5 0.00, L6 50,000.00, L7 45,000.00, L8 5,000.00, L9 0.00, "
            "gross 0.00, payable 5,000.00",
        )
        assert column(second, "work_this_period") == ["0.00", "0.00"]
        assert column(second, "released_this_period") == ["3000.00", "2000.00"]


def test_s23_a_part_release_is_not_clawed_back_by_the_next_bill(tmp_path: Path) -> None:
    """After half of what was held is released, new work withholds its own tenth, and the released half stays released."""
    sub = Sub(number="SC-1", lines=[("A", "03-300", "20000")], invite_for="both")
    with site(tmp_path, Register(subs=[sub])) as job:
        billed(job, sub, INVITED, AFTER_DUE, {"A": {"work_this_period": "12000"}})
        first = job.show("SC-1/1")
        form(first, "L4 12,000.00, L5 1,200.00, L6 10,800.00, L7 0.00, L8 10,800.00, L9 9,200.00")
        billed(job, sub, INVITED_2, AFTER_DUE_2, {"A": {"retainage_release": "600"}})
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(second, "L4 12,000.00, L5 600.00, L6 11,400.00, L7 10,800.00, L8 600.00, L9 8,600.00")
        billed(job, sub, INVITED_3, AFTER_DUE_3, {"A": {"work_this_period": "3000"}})
        third = job.show("SC-1/3")
        follows_on(third, second)
        form(third, "L4 15,000.00, L5 900.00, L6 14,100.00, L7 11,400.00, L8 2,700.00, L9 5,900.00")
        assert column(third, "withheld_this_period") == ["300.00"]
        assert column(third, "retainage_held") == ["900.00"]


#: What an invite asks for, what is entered on it, what is wrong with that, and an entry that is right.
NOT_OPEN = (
    ("SC-1", "work", {"retainage_release": "100"}, "release-not-invited", {"work_this_period": "1"}),
    ("SC-2", "release", {"work_this_period": "100"}, "work-not-invited", {"retainage_release": "1000"}),
    ("SC-3", "release", {"materials_stored": "100"}, "work-not-invited", {"retainage_release": "1000"}),
    ("SC-4", "release", {"retainage_release": "1000.01"}, "release-over-held", {"retainage_release": "1000"}),
    (
        "SC-5",
        "both",
        {"work_this_period": "100", "retainage_release": "1010.01"},
        "release-over-held",
        {"work_this_period": "100", "retainage_release": "1010"},
    ),
)


def test_an_invite_opens_only_what_it_asks_for(tmp_path: Path) -> None:
    """What the kind of invite does not open, or more than is held, is returned and moves no balance; the right entry passes."""
    subs = [Sub(number=number, lines=[("1", "03-300", "20000")]) for number, *_ in NOT_OPEN]
    with site(tmp_path, Register(subs=subs)) as job:
        job.tick(INVITED)
        for sub in subs:
            job.submit(sub, {"1": {"work_this_period": "10000"}})
        job.tick(AFTER_DUE)
        job.approve(*(sub.number for sub in subs))
        job.edit_register({("Commitments", number): {"Invite for": kind} for number, kind, *_ in NOT_OPEN})
        job.tick(INVITED_2)
        for sub, (number, kind, wrong, code, right) in zip(subs, NOT_OPEN, strict=True):
            job.submit(sub, {"1": wrong})
            standing = job.standing(number, 2)
            assert (standing["kind"], standing["state"]) == (kind, "Returned")
            found = job.show(standing["application"])
            assert [one["code"] for one in found["findings"] if one["severity"] == "return"] == [code]
            corrected = {**dict.fromkeys(wrong), **right}
            job.submit(sub, {"1": corrected}, answering=job.last_mail(sub.address, "correct"))
            assert job.standing(number, 2)["state"] == "Under Review"
            assert job.show(f"{number}/2")["lines"][0]["work_previous"] == "10000.00"


def test_s24_and_s36_the_last_bill_with_a_backcharge(tmp_path: Path) -> None:
    """Last work and all retainage in one bill; the backcharge lowers what is payable and none of the nine lines."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "50000")], invite_for="both")
    with site(tmp_path, Register(subs=[sub])) as job:
        billed(job, sub, INVITED, AFTER_DUE, {"1": {"work_this_period": "46000"}})
        first = job.show("SC-1/1")
        form(
            first,
            "L4 46,000.00, L5 4,600.00, L6 41,400.00, L7 0.00, L8 41,400.00, L9 8,600.00, payable 41,400.00",
        )
        backcharge = {
            "Commitment": "SC-1", "Number": "BC-7", "Date": date(2026, 2, 16), "Description": "Clean-up by others",
            "Cost code": "01-740", "Amount": 650, "Evidence": "Site ticket 118",
        }  # fmt: skip
        job.edit_register({("Deductions", "SC-1/BC-7"): backcharge})
        billed(
            job,
            sub,
            INVITED_2,
            AFTER_DUE_2,
            {"1": {"work_this_period": "4000", "retainage_release": "5000"}},
        )
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(
            second,
            "L1 50,000.00, L2 0.00, L3 50,000.00, L4 50,000.00, L5 0.00, L6 50,000.00, L7 41,400.00, L8 8,600.00, "
            "L9 0.00, gross 4,000.00, payable 7,950.00",
        )
        (taken,) = second["deductions"]
        assert (taken["number"], taken["cost_code"], taken["amount"]) == ("BC-7", "01-740", "650.00")
        assert first["deductions"] == []
        job.tick("2026-03-04T16:00:00Z")
        notice = job.last_mail(sub.address, "approved").get_body(("plain",))
        assert notice is not None
        assert "7,950.00" in notice.get_content()


def test_s14_a_deductive_change_order_taken_whole(tmp_path: Path) -> None:
    """A deduction of 2,000 billed at 100 % with 2,000 of work comes to nothing due, and gives back its own retainage."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "20000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        billed(job, sub, INVITED, AFTER_DUE, {"1": {"work_this_period": "18000"}})
        first = job.show("SC-1/1")
        form(
            first, "L3 20,000.00, L4 18,000.00, L5 1,800.00, L6 16,200.00, L7 0.00, L8 16,200.00, L9 3,800.00"
        )
        job.edit_register(
            {
                ("Change orders", "SC-1/1"): {
                    "Commitment": "SC-1", "Number": "1", "Title": "Left out", "Status": "approved",
                    "Approved on": date(2026, 2, 10), "Amount": -2000,
                },
                ("Schedule of values", "SC-1/C1"): {
                    "Commitment": "SC-1", "Line": "C1", "Description": "Left out", "Cost code": "03-300",
                    "Scheduled value": -2000, "Change order": "1",
                },
            }
        )  # fmt: skip
        entries = {"1": {"percent_to_date": "100"}, "C1": {"percent_to_date": "100"}}
        billed(job, sub, INVITED_2, AFTER_DUE_2, entries)
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(
            second,
            "L1 20,000.00, L2 -2,000.00, L3 18,000.00, L4 18,000.00, L5a 1,800.00, L5b 0.00, L5 1,800.00, "
            "L6 16,200.00, L7 16,200.00, L8 0.00, L9 1,800.00, gross 0.00, payable 0.00",
        )
        assert column(second, "work_this_period") == ["2000.00", "-2000.00"]
        assert column(second, "retainage_held") == ["2000.00", "-200.00"]

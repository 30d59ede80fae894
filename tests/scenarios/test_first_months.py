"""Stories of the first months of a contract: mail in, review, JSON out, to the cent."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.site import (
    AFTER_DUE,
    AFTER_DUE_2,
    BEFORE_DUE,
    INVITED,
    INVITED_2,
    Register,
    Sub,
    money,
    site,
)

S01 = Sub(number="SC-1", lines=[("1", "03-300", "10000"), ("2", "05-120", "25000"), ("3", "09-900", "15000")])


def test_s01_and_s02_first_and_second_application(tmp_path: Path) -> None:
    """Percent to date gives the first application and carries forward into the second, every balance to the cent."""
    with site(tmp_path, Register(subs=[S01])) as job:
        job.tick(INVITED)
        job.submit(
            S01,
            {"1": {"percent_to_date": "20"}, "2": {"percent_to_date": "40"}, "3": {"percent_to_date": "0"}},
        )
        assert job.standing("SC-1")["state"] == "Under Review"
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        first = job.show("SC-1/1")
        assert first["state"] == "Approved"
        money(
            first["summary"],
            original_contract_sum="50000.00",
            net_change_orders="0.00",
            contract_sum_to_date="50000.00",
            total_completed_and_stored="12000.00",
            retainage_total="1200.00",
            total_earned_less_retainage="10800.00",
            previous_certificates="0.00",
            current_payment_due="10800.00",
            balance_to_finish="39200.00",
            payable="10800.00",
        )
        job.tick(INVITED_2)
        job.submit(
            S01,
            {"1": {"percent_to_date": "60"}, "2": {"percent_to_date": "80"}, "3": {"percent_to_date": "10"}},
        )
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        second = job.show("SC-1/2")
        assert [line["work_this_period"] for line in second["lines"]] == ["4000.00", "10000.00", "1500.00"]
        assert [line["work_previous"] for line in second["lines"]] == ["2000.00", "10000.00", "0.00"]
        money(
            second["summary"],
            total_completed_and_stored="27500.00",
            retainage_total="2750.00",
            total_earned_less_retainage="24750.00",
            previous_certificates="10800.00",
            current_payment_due="13950.00",
            balance_to_finish="25250.00",
            gross_this_period="15500.00",
        )


def test_s10_over_billing_is_returned_with_the_largest_amount_allowed(tmp_path: Path) -> None:
    """A line billed past its value comes back marked, with what is left; the corrected workbook passes."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "10000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "9500"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"work_this_period": "600"}})
        standing = job.standing("SC-1", 2)
        assert standing["state"] == "Returned"
        refused = job.show(standing["application"])
        (finding,) = [one for one in refused["findings"] if one["code"] == "over-line"]
        assert (finding["found"], finding["expected"], finding["difference"]) == (
            "10100.00",
            "500.00",
            "100.00",
        )
        answer = job.last_mail(sub.address, "correct")
        body = answer.get_body(("plain",))
        assert body is not None
        assert "500.00" in body.get_content()
        job.submit(sub, {"1": {"work_this_period": "500"}}, answering=answer)
        assert job.standing("SC-1", 2)["state"] == "Under Review"


def test_s12_a_change_order_approved_before_the_invite_counts_and_a_pending_one_does_not(
    tmp_path: Path,
) -> None:
    """An approved change order is in the contract sum with its own line; a pending one is nowhere in it."""
    sub = Sub(
        number="SC-1",
        lines=[("1", "03-300", "100000"), ("C1", "03-310", "8500", "1"), ("C2", "03-320", "12000", "2")],
        change_orders=[("1", "approved", "8500"), ("2", "pending", "12000")],
    )
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "30000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"percent_to_date": "40"}, "C1": {"percent_to_date": "50"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        found = job.show("SC-1/2")
        assert [line["line"] for line in found["lines"]] == ["1", "C1"]
        money(
            found["summary"],
            original_contract_sum="100000.00",
            net_change_orders="8500.00",
            contract_sum_to_date="108500.00",
            total_completed_and_stored="44250.00",
            retainage_total="4425.00",
            total_earned_less_retainage="39825.00",
            previous_certificates="27000.00",
            current_payment_due="12825.00",
            balance_to_finish="68675.00",
        )


def test_a_reply_before_the_due_date_is_reviewed_at_once_when_everybody_has_answered(tmp_path: Path) -> None:
    """The review workbook goes out as soon as nobody is missing, not only at the due date."""
    with site(tmp_path, Register(subs=[S01])) as job:
        job.tick(INVITED)
        job.tick(BEFORE_DUE)
        job.submit(S01, {"1": {"percent_to_date": "20"}})
        assert job.mails("pat@gc.example", "review")

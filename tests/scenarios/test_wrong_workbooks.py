"""Stories of workbooks that are not what they should be: altered, of another period, of another commitment, worse than before."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.balances import column, follows_on, form
from tests.scenarios.paperwork import body
from tests.scenarios.site import (
    ADMIN,
    AFTER_CLOSE,
    AFTER_DUE,
    AFTER_DUE_2,
    INVITED,
    INVITED_2,
    Register,
    Sub,
    filled,
    reply,
    site,
    workbook_of,
)


def test_s28_an_altered_figure_of_the_past_never_counts(tmp_path: Path) -> None:
    """The ledger's 82,000 wins over the workbook's 84,500: flagged for the admin with the difference, no balance moves."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "100000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "82000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        first = job.show("SC-1/1")
        form(first, "L4 82,000.00, L5 8,200.00, L6 73,800.00, L7 0.00, L8 73,800.00, L9 26,200.00")
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"work_previous": "84500", "work_this_period": "1000"}})
        assert job.standing("SC-1", 2)["state"] == "Under Review"
        found = job.show("SC-1/2")
        (changed,) = [one for one in found["findings"] if one["code"] == "prior-changed"]
        assert changed["severity"] == "hold"
        assert (changed["found"], changed["expected"], changed["difference"]) == (
            "84500.00",
            "82000.00",
            "2500.00",
        )
        assert changed["cell"]
        job.tick(AFTER_DUE_2)
        assert "84,500.00" in body(job.last_mail(ADMIN, "review")), "the admin is told before deciding"
        job.approve("SC-1")
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(
            second,
            "L4 83,000.00, L5 8,300.00, L6 74,700.00, L7 73,800.00, L8 900.00, L9 25,300.00, gross 1,000.00",
        )


def test_s30_a_workbook_of_a_closed_period_is_filed_only_by_opening_it_again(tmp_path: Path) -> None:
    """Nothing is recorded and the sub is told; after `period reopen` for this commitment and `inbox --put-back` it counts."""
    sub, other = (Sub(number=number, lines=[("1", "03-300", "50000")]) for number in ("SC-1", "SC-2"))
    with site(tmp_path, Register(subs=[sub, other])) as job:
        job.tick(INVITED)
        january = job.invite(sub)
        job.tick(AFTER_DUE)
        job.tick(AFTER_CLOSE)
        assert job.standing("SC-1", 1)["state"] == "Lapsed"
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"work_this_period": "7000"}}, answering=january)
        waiting = job.inbox()[-1]
        assert (waiting["outcome"], waiting["state"]) == ("period-closed", "waiting for a person")
        for period in (1, 2):
            assert job.standing("SC-1", period)["application"] is None
        assert "latest invite" in body(job.last_mail(sub.address, "check your reply"))
        # Without a reopening, trying again changes nothing.
        job.at("inbox", "--put-back", waiting["id"])
        job.tick()
        assert job.standing("SC-1", 1)["application"] is None
        job.at(
            "period", "reopen", "P1", "1", "--commitment", "SC-1", "--reason", "Agreed with the sub by phone"
        )
        job.at("inbox", "--put-back", waiting["id"])
        job.tick()
        assert job.standing("SC-1", 1)["state"] == "Under Review"
        assert job.standing("SC-2", 1)["state"] == "Lapsed"
        job.submit(other, {"1": {"work_this_period": "1"}}, answering=job.mails(other.address, "invite")[0])
        assert job.inbox()[-1]["outcome"] == "period-closed", "the period is open for one commitment only"
        job.approve("SC-1")
        first = job.show("SC-1/1")
        assert first["period"] == 1
        form(first, "L4 7,000.00, L5 700.00, L6 6,300.00, L7 0.00, L8 6,300.00, L9 43,700.00")
        # February goes on from there: its workbook is issued again with the new previous figures.
        job.tick()
        job.submit(sub, {"1": {"work_this_period": "3000"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(second, "L4 10,000.00, L5 1,000.00, L6 9,000.00, L7 6,300.00, L8 2,700.00, L9 41,000.00")


def test_s37_two_commitments_of_one_sub_in_one_mail(tmp_path: Path) -> None:
    """One reply with both workbooks makes two applications, each matched by its own identity; together 14,220.00 are due."""
    works = Sub(
        number="SC-1",
        lines=[("1", "03-300", "10000"), ("2", "05-120", "25000"), ("3", "09-900", "15000")],
        contact="office@sub.example",
    )
    order = Sub(
        number="PO-1",
        lines=[("1", "05-500", "9000")],
        retainage="0",
        kind="purchase order",
        contact="office@sub.example",
    )
    with site(tmp_path, Register(subs=[works, order])) as job:
        job.tick(INVITED)
        (to_works,) = job.mails("office@sub.example", "SC-1")
        (to_order,) = job.mails("office@sub.example", "PO-1")
        percent = {key: {"percent_to_date": value} for key, value in (("1", "20"), ("2", "40"), ("3", "0"))}
        bill = filled(workbook_of(to_works), percent)
        delivery = filled(workbook_of(to_order), {"1": {"work_this_period": "3420"}})
        both = reply(to_works, bill, when=job.now, text="Both bills.", extra=[("po.xlsx", delivery)])
        job.receive(both)
        assert [job.standing(number)["state"] for number in ("SC-1", "PO-1")] == ["Under Review"] * 2
        job.tick(AFTER_DUE)
        job.approve("SC-1", "PO-1")
        first, second = job.show("SC-1/1"), job.show("PO-1/1")
        form(first, "L4 12,000.00, L5 1,200.00, L6 10,800.00, L7 0.00, L8 10,800.00, L9 39,200.00")
        form(second, "L4 3,420.00, L5 0.00, L6 3,420.00, L7 0.00, L8 3,420.00, L9 5,580.00")
        job.at("erp", "export", "P1", "--target", "csv")
        assert '"payable": "14220.00"' in job.cli("erp", "list", "--json")


def test_two_workbooks_for_one_application_are_a_question(tmp_path: Path) -> None:
    """Two different workbooks for one invite in one mail: nothing is guessed, the sender is asked which one counts."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "50000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        invite = job.invite(sub)
        one, other = (filled(workbook_of(invite), {"1": {"work_this_period": n}}) for n in ("100", "200"))
        job.receive(reply(invite, one, when=job.now, extra=[("other.xlsx", other)]))
        assert job.standing("SC-1")["application"] is None
        assert job.inbox()[-1]["outcome"] == "several-workbooks"
        assert "one workbook" in body(job.last_mail(sub.address, "check your reply"))


def test_somebody_elses_workbook_changes_nothing(tmp_path: Path) -> None:
    """A workbook of another vendor's commitment in the thread of this one is held, for both commitments."""
    mine = Sub(number="SC-1", lines=[("1", "03-300", "50000")])
    theirs = Sub(number="SC-2", lines=[("1", "03-300", "50000")], vendor="V2")
    with site(tmp_path, Register(subs=[mine, theirs])) as job:
        job.tick(INVITED)
        foreign = filled(workbook_of(job.invite(theirs)), {"1": {"work_this_period": "100"}})
        job.receive(reply(job.invite(mine), foreign, when=job.now))
        assert [job.standing(number)["application"] for number in ("SC-1", "SC-2")] == [None, None]
        assert job.inbox()[-1]["outcome"] == "workbook-not-placed"


def test_a_worse_version_does_not_hide_the_one_that_stands(tmp_path: Path) -> None:
    """A second version that has to be returned leaves the first under review; once approved, that one is final."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "10000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "4000"}})
        job.submit(sub, {"1": {"work_this_period": "12000"}})
        standing = job.standing("SC-1")
        assert (standing["application"], standing["state"]) == ("SC-1/1", "Under Review")
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        assert job.standing("SC-1")["state"] == "Approved"
        job.submit(sub, {"1": {"work_this_period": "5000"}}, answering=job.last_mail(sub.address, "correct"))
        assert job.inbox()[-1]["outcome"] == "already-approved"
        assert column(job.show("SC-1/1"), "work_this_period") == ["4000.00"]

"""Stories of stored materials (S04): moved into the work by the subcontractor, or by themselves."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import load_workbook

from tests.scenarios.balances import form
from tests.scenarios.site import (
    AFTER_DUE,
    AFTER_DUE_2,
    AFTER_DUE_3,
    INVITED,
    INVITED_2,
    INVITED_3,
    Register,
    Sub,
    money,
    site,
    workbook_of,
)

LINES = [("1", "03-300", "20000")]
AUTO = {"Stored materials": "auto to previous"}


def test_s04_classic_installed_from_stock_at_another_rate(tmp_path: Path) -> None:
    """8,000 stored at 5 %, then 5,000 of it built in at 10 %: nothing new, and 250.00 more is held."""
    sub = Sub(number="SC-1", lines=LINES, stored_retainage="5")
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"materials_stored": "8000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        form(job.show("SC-1/1"), "L4 8,000.00, L5 400.00, L6 7,600.00, L7 0.00, L8 7,600.00, L9 12,400.00")
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"work_this_period": "5000", "materials_stored": "3000"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1", decision="Approve credit")
        second = job.show("SC-1/2")
        form(
            second,
            "L4 8,000.00, L5a 500.00, L5b 150.00, L5 650.00, L6 7,350.00, L7 7,600.00, L8 -250.00, L9 12,650.00, gross 0.00",
        )
        money(
            second["lines"][0]["stored"],
            before="8000.00",
            moved_to_previous="0.00",
            change="-5000.00",
            newly_stored="0.00",
            built_in="5000.00",
            gone="0.00",
            now="3000.00",
        )


def test_s04_stored_materials_become_work_by_themselves(tmp_path: Path) -> None:
    """D = D + E + F of before; what is entered as stored is new; every balance follows, also after a reopening."""
    sub = Sub(number="SC-1", lines=LINES, more=AUTO)
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "1000", "materials_stored": "8000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        form(job.show("SC-1/1"), "L4 9,000.00, L5 900.00, L6 8,100.00, L7 0.00, L8 8,100.00, L9 11,900.00")
        job.tick(INVITED_2)
        lines = load_workbook(io.BytesIO(workbook_of(job.invite(sub))), data_only=True)["Lines"]
        assert "8,000.00 stored before is now in 'Billed before'" in str(lines["B2"].value)
        job.submit(sub, {"1": {"work_this_period": "2000", "materials_stored": "500"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        second = job.show("SC-1/2")
        assert second["findings"] == []
        form(
            second,
            "L4 11,500.00, L5 1,150.00, L6 10,350.00, L7 8,100.00, L8 2,250.00, L9 9,650.00, gross 2,500.00",
        )
        (line,) = second["lines"]
        money(line, work_previous="9000.00", work_this_period="2000.00", materials_stored="500.00")
        money(line["stored"], before="8000.00", moved_to_previous="8000.00", change="500.00", now="500.00")
        job.verify()
        job.at("decide", "SC-1/2", "reopen", "--reason", "Counted again")
        job.tick()
        job.approve("SC-1")
        assert job.show("SC-1/2")["summary"] == second["summary"]
        job.tick(INVITED_3)
        job.submit(sub, {"1": {"percent_to_date": "100"}})
        job.tick(AFTER_DUE_3)
        job.approve("SC-1")
        third = job.show("SC-1/3")
        form(
            third,
            "L4 20,000.00, L5 2,000.00, L6 18,000.00, L7 10,350.00, L8 7,650.00, L9 2,000.00, gross 8,500.00",
        )
        money(
            third["lines"][0], work_previous="11500.00", work_this_period="8500.00", materials_stored="0.00"
        )


def test_s04_the_move_holds_at_the_rate_of_the_work(tmp_path: Path) -> None:
    """Stored at 5 %, work at 10 %: a bill of nothing holds 400.00 more on 8,000, and is a credit that needs a word."""
    sub = Sub(number="SC-1", lines=LINES, stored_retainage="5", more=AUTO)
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"materials_stored": "8000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(INVITED_2)
        job.submit(sub, {}, nothing_to_bill="Yes")
        job.tick(AFTER_DUE_2)
        job.approve("SC-1", decision="Approve credit")
        form(
            job.show("SC-1/2"),
            "L4 8,000.00, L5a 800.00, L5b 0.00, L5 800.00, L6 7,200.00, L7 7,600.00, L8 -400.00, L9 12,800.00, gross 0.00",
        )


THIS = {"Stored materials": "auto to this period"}


def test_s04_stored_materials_become_work_of_this_period(tmp_path: Path) -> None:
    """F of before is filled in as E: D = D + E stays, other work is added to it, a percentage stands in its place; every
    balance follows, also after a reopening.
    """
    sub = Sub(number="SC-1", lines=LINES, stored_retainage="5", more=THIS)
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "1000", "materials_stored": "8000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        form(
            job.show("SC-1/1"),
            "L4 9,000.00, L5a 100.00, L5b 400.00, L5 500.00, L6 8,500.00, L7 0.00, L8 8,500.00, L9 11,500.00",
        )
        job.tick(INVITED_2)
        book = load_workbook(io.BytesIO(workbook_of(job.invite(sub))), data_only=True)
        assert "8,000.00 stored before is filled in as work of this period" in str(book["Lines"]["B2"].value)
        detail = [cell.value for cell in book["Stored materials"][4]]
        assert detail == ["1", "Line 1", 8000, 0, 8000, 0, 0]
        job.submit(sub, {"1": {"work_this_period": "10000", "materials_stored": "500"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        second = job.show("SC-1/2")
        assert second["findings"] == []
        form(
            second,
            "L4 11,500.00, L5a 1,100.00, L5b 25.00, L5 1,125.00, L6 10,375.00, L7 8,500.00, L8 1,875.00,"
            " L9 9,625.00, gross 2,500.00",
        )
        (line,) = second["lines"]
        money(line, work_previous="1000.00", work_this_period="10000.00", materials_stored="500.00")
        money(
            line["stored"],
            before="8000.00",
            moved_to_previous="0.00",
            moved_to_this="8000.00",
            built_in="8000.00",
            newly_stored="500.00",
            gone="0.00",
            now="500.00",
        )
        job.at("decide", "SC-1/2", "reopen", "--reason", "Counted again")
        job.tick()
        job.approve("SC-1")
        assert job.show("SC-1/2")["summary"] == second["summary"]
        job.tick(INVITED_3)
        job.submit(sub, {"1": {"percent_to_date": "100"}})
        job.tick(AFTER_DUE_3)
        job.approve("SC-1")
        third = job.show("SC-1/3")
        assert third["findings"] == []
        form(
            third,
            "L4 20,000.00, L5 2,000.00, L6 18,000.00, L7 10,375.00, L8 7,625.00, L9 2,000.00, gross 8,500.00",
        )
        money(
            third["lines"][0], work_previous="11000.00", work_this_period="9000.00", materials_stored="0.00"
        )


def test_s04_nothing_entered_is_a_question_though_work_is_filled_in(tmp_path: Path) -> None:
    """The work that we filled in is no entry; with the tick it is billed, and holds at the rate of the work."""
    sub = Sub(number="SC-1", lines=LINES, stored_retainage="5", more=THIS)
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"materials_stored": "8000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(INVITED_2)
        job.submit(sub, {})
        assert job.standing("SC-1", 2)["invite"] != "Answered"
        job.submit(sub, {}, nothing_to_bill="Yes")
        job.tick(AFTER_DUE_2)
        job.approve("SC-1", decision="Approve credit")
        bill = job.show("SC-1/2")
        assert [one["code"] for one in bill["findings"]] == ["credit-application"]
        form(
            bill,
            "L4 8,000.00, L5a 800.00, L5b 0.00, L5 800.00, L6 7,200.00, L7 7,600.00, L8 -400.00, L9 12,800.00, gross 0.00",
        )
        money(bill["lines"][0], work_previous="0.00", work_this_period="8000.00", materials_stored="0.00")


def test_s04_material_that_is_not_built_in_yet_stays_stored(tmp_path: Path) -> None:
    """Less work than what was filled in, and the rest still stored: as in the classic mode. Without the rest it is held."""
    sub = Sub(number="SC-1", lines=LINES, more=THIS)
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"materials_stored": "8000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"work_this_period": "5000"}})
        found = [one["code"] for one in job.show("SC-1/2")["findings"]]
        assert found == ["credit-application", "stored-dropped"]
        money(job.show("SC-1/2")["lines"][0]["stored"], built_in="5000.00", gone="3000.00", now="0.00")
        job.submit(sub, {"1": {"work_this_period": "5000", "materials_stored": "3000"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        bill = job.show("SC-1/2")
        assert bill["findings"] == []
        form(bill, "L4 8,000.00, L5 800.00, L6 7,200.00, L7 7,200.00, L8 0.00, L9 12,800.00, gross 0.00")
        money(bill["lines"][0]["stored"], built_in="5000.00", newly_stored="0.00", now="3000.00")


def test_s04_an_entry_on_behalf_starts_with_the_filled_in_work(tmp_path: Path) -> None:
    """The admin sees the work that the stored material became; a line left as it is bills it."""
    sub = Sub(number="SC-1", lines=[*LINES, ("2", "03-300", "1000")], more=THIS)
    other = Sub(number="SC-2", lines=LINES)
    with site(tmp_path, Register(subs=[sub, other])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"materials_stored": "8000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(INVITED_2)
        job.submit(other, {"1": {"work_this_period": "100"}})
        job.tick(AFTER_DUE_2)
        job.enter("SC-1", "Phoned", {"2": {"work_this_period": "100"}})
        job.approve("SC-1")
        bill = job.show("SC-1/2")
        form(bill, "L4 8,100.00, L5 810.00, L6 7,290.00, L7 7,200.00, L8 90.00, L9 13,710.00, gross 100.00")
        money(bill["lines"][0], work_this_period="8000.00", materials_stored="0.00")

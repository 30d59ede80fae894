"""Five answers as a person reads them, word for word: a noted line, steps, a cap, a payable with tax, a client line."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.scenarios.questions import text
from tests.scenarios.site import AFTER_DUE, AFTER_DUE_2, INVITED, INVITED_2, Register, Site, Sub, site
from tests.scenarios.test_cis import billed, under_cis

GOLDEN = Path(__file__).parent / "golden_why"


def same(name: str, lines: list[str]) -> None:
    """The answer is the golden one. Hashes and codes differ from run to run, so they are left out."""
    found = "\n".join(lines) + "\n"
    found = re.sub(r"\b[0-9a-f]{64}\b", "<sha256>", found)
    found = re.sub(r"\[PB-[a-z0-9]+\]", "[PB-code]", found)
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN_WRITE"):
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")


def month(job: Site, invited: str, due: str, sub: Sub, lines: dict[str, dict[str, str]]) -> None:
    """One month: invited, billed, approved as claimed."""
    job.tick(invited)
    job.submit(sub, lines)
    job.tick(due)
    job.approve(sub.number)


def test_a_line_that_was_noted_and_its_client_line(tmp_path: Path) -> None:
    """The cell with its percentage, what it came to, and who took what off and why; and what the client is billed of it."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "60000")])
    register = Register(subs=[sub], client=[("10", "03-300", "90000")])
    with site(tmp_path, register) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"percent_to_date": "20"}})
        job.tick(AFTER_DUE)
        lines = {"1": {"approved_work": "11000", "line_reason": "Level 3 is not poured"}}
        job.review({"SC-1": {"decision": "Approve", "lines": lines}})
        job.at("upstream", "compile", "P1", "1")
        same("noted-line", text(job, "SC-1/1", "1", "work"))
        same("client-line", text(job, "P1/1", "10", "completed"))


@pytest.mark.parametrize(
    ("name", "terms"),
    [("steps", {"Retainage steps": "20%: 5%"}), ("cap", {"Retainage cap": "3%"})],
)
def test_steps_and_a_cap(tmp_path: Path, name: str, terms: dict[str, str]) -> None:
    """The tranches spelled out, and how much the cap took off."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "60000")], terms=terms, invite_for="both")
    with site(tmp_path, Register(subs=[sub])) as job:
        month(job, INVITED, AFTER_DUE, sub, {"1": {"work_this_period": "10000"}})
        second = {"1": {"work_this_period": "20000.05", "retainage_release": "100"}}
        month(job, INVITED_2, AFTER_DUE_2, sub, second)
        same(name, text(job, "SC-1/2", "L5"))


def test_a_payable_with_vat_and_cis(tmp_path: Path) -> None:
    """Current payment due plus VAT, less CIS on the payment without materials."""
    sub, register = under_cis("registered", "VAT20")
    with site(tmp_path, register) as job:
        billed(job, sub, materials_in_payment="22500")
        same("payable", text(job, "SC-1/3", "payable"))

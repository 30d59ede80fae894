"""Text that spreadsheet programs and importers would take for a formula, a row or a header stays text wherever it goes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tests.jobs.received import AFTER_CLOSE, AFTER_DUE, CONCRETE, changed, hit, invited
from tests.scenarios.paperwork import filled, reply, workbook_of
from tests.scenarios.registers import Register
from tests.scenarios.site import Site

PAYLOADS = [
    "=EVIL()",
    "+EVIL",
    "-EVIL",
    "@EVIL",
    "\tEVIL",
    "＝EVIL()",
    '=HYPERLINK("EVIL","pay")',
    "=cmd|'/C EVIL'!A1",
    "<script>EVIL</script>",
    "x\r\nTRNS\tBILL\tEVIL",
    '"EVIL","2"\n=EVIL',
    "_x000A_=EVIL()",
]
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


NAMED = (
    ("Vendors", "Name"), ("Commitments", "Title"), ("Contacts", "Name"), ("Schedule of values", "Description"),
    ("Client schedule of values", "Description"), ("Client contract", "Title"), ("Projects", "Client"), ("Admins", "Name"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Named(Register):
    """A register in which every text somebody may type is `name`, as far as the register takes it."""

    name: str

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        made = super().rows()
        for title, heading in NAMED:
            for row in made[title]:
                row[heading] = self.name
        return made


def _register(payload: str) -> Register:
    client = [("10", "03-300", "60000"), ("20", "05-120", "60000"), ("30", "09-900", "60000")]
    return Named(subs=[CONCRETE], client=client, project={"Name": f"Clinic {payload}"}, name=payload)


def _workbooks(job: Site) -> Iterator[tuple[str, bytes]]:
    """Every workbook that was made: in mails, in folders, in the output."""
    for mail in job.mails():
        for part in mail.iter_attachments():
            if str(part.get_filename()).endswith(".xlsx"):
                yield str(mail["Subject"]), part.get_content()
    for file in job.folder.rglob("*.xlsx"):
        yield file.name, file.read_bytes()


def _formulas(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = [package.read(name).decode("utf-8") for name in package.namelist() if name.endswith(".xml")]
    found = [
        text for part in parts for text in re.findall(r"<(?:f|formula1|definedName)\b[^>]*>([^<]*)<", part)
    ]
    found += [text for part in parts for text in re.findall(r"(?:Target|location)=\"([^\"]*)\"", part)]
    return [text for text in found if "EVIL" in text]


def _played(folder: Path, payload: str) -> Site:
    """A month in which everybody types the payload wherever they can, from the register to the ERP files."""
    job = invited(folder, _register(payload))
    invite = job.invite(CONCRETE)
    wrong = filled(workbook_of(invite), {"1": {"work_this_period": payload.replace("=", "'=", 1)}})
    hit(job, reply(invite, wrong, when=job.now), changes=True)
    entries = {"1": {"work_this_period": "1000"}, "2": {"work_this_period": "50"}}
    summary = {"comment": payload, "invoice_number": payload[:30]}
    text = f"Dear all,\n{payload}"
    typed = _typed(workbook_of(invite), entries, summary)
    raw = reply(invite, typed, when=job.now, text=text)
    assert hit(job, raw, changes=True).outcome == "submission"
    hit(job, reply(invite, None, when=job.now, text=f"Question\n{payload}"))
    job.tick(AFTER_DUE)
    cut = {"1": {"approved_work": "900", "line_reason": "'" + payload}}
    lines = job.review({"SC-1": {"decision": "Approve", "reason": "'" + payload, "lines": cut}})
    assert not [line for line in lines if "not applied" in line], lines
    job.tick(AFTER_CLOSE)
    job.at("upstream", "compile", "P1", "1")
    job.at("upstream", "issue", "P1", "1")
    for target in ("csv", "json", "quickbooks-iif"):
        job.at("erp", "export", "P1", "--target", target)
    job.at("register", "export", str(folder / "exported.xlsx"))
    return job


def _typed(workbook: bytes, entries: dict[str, dict[str, str]], summary: dict[str, str]) -> bytes:
    """The texts typed as text, as a person does with an apostrophe in front, so that no program calculates them."""
    made = filled(workbook, entries, {name: f"@@{name}" for name in summary})

    def change(book: Workbook) -> None:
        for row in book["Summary"].iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("@@"):
                    cell.value = summary[cell.value[2:]]
                    cell.data_type = "s"

    return changed(made, change)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_type_is_text_in_every_file(tmp_path: Path, payload: str) -> None:
    """Review workbook, marked workbook, client application, register, CSV, JSON, IIF and mails: text, and nothing else."""
    job = _played(tmp_path, payload)
    books = list(_workbooks(job))
    assert len(books) >= 7
    for name, data in books:
        assert _formulas(data) == [], name
        load_workbook(io.BytesIO(data))
    written = list((tmp_path / "output").rglob("*.csv"))
    assert written
    for file in written:
        fields = [
            field for row in csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")) for field in row
        ]
        assert [field for field in fields if "EVIL" in field and field.startswith(_STARTS)] == []
    (iif,) = (tmp_path / "output").rglob("*.iif")
    rows = [line.split("\t") for line in iif.read_bytes().decode("cp1252").splitlines()]
    assert {row[0] for row in rows} <= {
        "!TRNS",
        "!SPL",
        "!ENDTRNS",
        "TRNS",
        "SPL",
        "ENDTRNS",
        "!VEND",
        "VEND",
        "!HDR",
        "HDR",
    }
    widths = {
        row[0].lstrip("!"): {len(other) for other in rows if other[0].lstrip("!") == row[0].lstrip("!")}
        for row in rows
    }
    assert all(len(found) == 1 for found in widths.values()), widths
    for mail in job.mails():
        assert len(str(mail["Subject"]).splitlines()) == 1
        html = mail.get_body(("html",))
        assert html is not None
        assert "<script>" not in html.get_content()
    job.verify()


def test_line_breaks_in_the_registers_names_reach_no_header(tmp_path: Path) -> None:
    """A project called over two lines is invited like any other; the subject is one line and no header is added."""
    register = replace(
        Register(subs=[CONCRETE]), project={"Name": "Clinic\r\nBcc: thief@x.example\u2028X: 1"}
    )
    job = invited(tmp_path, register)
    invite = job.invite(CONCRETE)
    assert (invite["Bcc"], invite["X"]) == (None, None)
    assert str(invite["Subject"]).startswith("Invite to bill: Clinic Bcc: thief@x.example X: 1, SC-1")
    assert str(invite["To"]) == CONCRETE.address


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.xlsx",
        "CON.xlsx",
        "a\u202exslx.exe",
        "n" * 300 + ".xlsx",
        "bill\tof.xlsx",
        "",
        "=EVIL().xlsx",
    ],
)
def test_hostile_names_of_files_are_shown_safely_and_are_no_paths(tmp_path: Path, name: str) -> None:
    """The name in our answer is short, visible and an .xlsx; nothing is written outside the data folder."""
    job = invited(tmp_path, Register(subs=[CONCRETE]))
    invite = job.invite(CONCRETE)
    over = filled(workbook_of(invite), {"1": {"work_this_period": "99000"}})
    found = hit(job, reply(invite, over, when=job.now, name=name), changes=True)
    (back,) = found.answers[0].iter_attachments()
    shown = str(back.get_filename())
    assert shown.endswith(".xlsx")
    assert shown.isprintable()
    assert len(shown) <= 130
    assert "/" not in shown
    assert not shown.lower().startswith("con.")

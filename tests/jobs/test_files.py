"""Files that are no filled-in workbook, sent in the thread of an invite: each is named, answered, and changes nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.jobs.received import CONCRETE, ELECTRIC, XLSX, changed, hit, invited, letter, repacked, text_of
from tests.scenarios.paperwork import filled, reply, workbook_of

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 512
BILL = {"1": {"work_this_period": "1000"}}


def _ole(stream: str) -> bytes:
    return OLE + stream.encode("utf-16-le") + b"\x00" * 512


def _zip(parts: Mapping[str, str], packing: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def _only_some_sheet() -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.save(out)
    return out.getvalue()


ODS = _zip({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"})
FILES: dict[str, tuple[bytes, str, str]] = {
    "photo.xlsx": (b"\x89PNG\r\n\x1a\n" + b"x" * 200, "workbook-unreadable", "not an Excel workbook"),
    "invoice.xlsx": (b"%PDF-1.7\n" + b"x" * 200, "workbook-unreadable", "not an Excel workbook"),
    "page.xlsx": (b"<html><table></table></html>", "workbook-format", "not an Excel workbook"),
    "packed.xlsx": (_zip({"readme.txt": "hello"}), "workbook-unreadable", "not an Excel workbook"),
    "table.xlsx": (b"item,amount\n1,200\n", "token-missing", "not the one that belongs"),
    "nothing.xlsx": (b"", "workbook-unreadable", "not an Excel workbook"),
    "locked.xlsx": (_ole("EncryptedPackage"), "workbook-encrypted", "without a password"),
    "old.xls": (_ole("Workbook"), "workbook-unreadable", "not an Excel workbook"),
    "office.ods": (ODS, "token-missing", "not the one that belongs"),
    "apple.numbers": (_zip({"Index/Document.iwa": "x"}), "workbook-format", "save it as .xlsx"),
    "other.xlsx": (_only_some_sheet(), "token-missing", "not the one that belongs"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_pay_application_is_named_and_answered(tmp_path: Path, name: str) -> None:
    """The finding says what it is, the sender what to send instead, the admin hears of it, and the next mail is worked on."""
    data, code, words = FILES[name]
    job = invited(tmp_path)
    invite = job.invite(CONCRETE)
    found = hit(job, reply(invite, data, when=job.now, name=name))
    assert (found.codes[0], found.outcome, found.waits) == (code, code, True)
    assert words in found.told
    assert found.answers[0]["To"] == CONCRETE.address
    assert name in text_of(found.notices[0])
    job.submit(CONCRETE, BILL)
    assert job.standing("SC-1")["state"] == "Under Review"
    job.verify()


def test_the_same_file_sent_ten_times_is_answered_no_more_often_than_that(tmp_path: Path) -> None:
    """A sender gets ten questions a day at most; what comes after that still waits for a person."""
    job = invited(tmp_path)
    invite = job.invite(CONCRETE)
    found = [
        hit(job, reply(invite, b"%PDF-1.7\n", when=job.now, name=f"bill {n}.xlsx", text=f"Try {n}"))
        for n in range(12)
    ]
    assert [len(one.answers) for one in found] == [1] * 10 + [0] * 2
    assert all(one.waits for one in found)


def test_a_workbook_with_macros_is_read_and_its_macros_never_go_back(tmp_path: Path) -> None:
    """A macro workbook counts like any other; the marked copy is an .xlsx without them, under a name that says so."""
    job = invited(tmp_path)
    invite = job.invite(CONCRETE)
    over = filled(workbook_of(invite), {"1": {"work_this_period": "99000"}})
    macros = io.BytesIO(over)
    with zipfile.ZipFile(macros, "a") as package:
        package.writestr("xl/vbaProject.bin", b"Sub AutoOpen()")
    found = hit(job, reply(invite, macros.getvalue(), when=job.now, name="bill.xlsm"), changes=True)
    assert found.outcome == "returned"
    (back,) = found.answers[0].iter_attachments()
    assert (back.get_filename(), back.get_content_type()) == ("bill.xlsx", f"application/{XLSX}")
    assert b"vbaProject" not in back.get_content()
    job.verify()


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_workbook_packed_as_no_program_packs_it_is_not_opened(tmp_path: Path, packing: int) -> None:
    """Python unpacks bzip2 and LZMA without a bound, so such a part is refused by its header alone."""
    job = invited(tmp_path)
    invite = job.invite(CONCRETE)
    odd = repacked(filled(workbook_of(invite), BILL), lambda _name, content: content, packing=packing)
    found = hit(job, reply(invite, odd, when=job.now))
    assert (found.codes, found.row["file_to"]) == (["workbook-hostile"], "Failed")
    assert "not an Excel workbook" in found.told


def test_a_zip_in_a_mail_that_would_take_all_memory_is_not_unpacked(tmp_path: Path) -> None:
    """Parts packed with bzip2 are left out of a zip; the rest of the mail is worked on."""
    job = invited(tmp_path)
    invite = job.invite(CONCRETE)
    bomb = _zip({"bill.xlsx": "\0" * 50_000_000}, zipfile.ZIP_BZIP2)
    found = hit(job, reply(invite, None, when=job.now, extra=[("bills.zip", bomb)]))
    assert found.waits
    assert len(found.answers) == 1


def test_bombs_and_far_cells_are_refused_within_bounds(tmp_path: Path) -> None:
    """A workbook that unpacks to more than a pay application can be is too large; a far cell is passed over."""
    job = invited(tmp_path)
    invite = job.invite(CONCRETE)
    good = filled(workbook_of(invite), BILL)
    bomb = repacked(good, lambda name, part: b"\0" * 60_000_000 if name == "docProps/app.xml" else part)
    found = hit(job, reply(invite, bomb, when=job.now))
    assert found.codes == ["workbook-too-large"]
    assert "larger than we can take" in found.told

    def far(book: Workbook) -> None:
        book["Lines"]["XFD1048576"] = "far"

    found = hit(job, reply(invite, changed(good, far), when=job.now, text="With a far cell"), changes=True)
    assert found.outcome == "submission"
    job.verify()


def test_five_thousand_parts_and_twenty_megabytes_of_noise(tmp_path: Path) -> None:
    """A mail of parts without end and one of noise are stored, filed for a person, and answered once at most."""
    job = invited(tmp_path)
    invite = job.invite(CONCRETE)
    head = f"From: {CONCRETE.address}\r\nTo: {invite['Reply-To']}\r\nSubject: Bill\r\nMIME-Version: 1.0\r\n".encode()
    part = b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n"
    many = head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 5000 + b"--b--\r\n"
    assert hit(job, many).waits
    noise = bytes((n * 7919 + (n >> 8)) % 251 for n in range(1 << 16)) * 320
    found = hit(job, head + b"\r\n" + noise)
    assert found.row["size"] > 20_000_000
    assert found.waits
    found = hit(job, reply(invite, noise, when=job.now, name="noise.xlsx"))
    assert found.waits, "with its base64 the mail is over the limit, so its content never came into memory"
    assert (found.outcome, found.row["size"] > 26_214_400) == ("too-large", True)
    job.verify()


def test_a_mail_over_the_limit_is_known_by_its_header(tmp_path: Path) -> None:
    """Its token says whose it is, so the contact hears that it was too large; from a stranger it waits unanswered."""
    job = invited(tmp_path)
    invite = job.invite(CONCRETE)
    large = b"\0" * 27_000_000
    found = hit(job, reply(invite, large, when=job.now))
    assert (found.outcome, found.answers[0]["To"]) == ("too-large", CONCRETE.address)
    assert "larger than we can take" in found.told
    found = hit(job, letter("someone@elsewhere.example", files=[("a.xlsx", large)]))
    assert (found.outcome, found.waits, found.answers) == ("too-large", True, [])
    assert len(found.notices) == 1


def test_more_workbooks_than_anybody_bills_are_not_opened(tmp_path: Path) -> None:
    """Twenty-one workbooks in one mail are a question, whatever is in them."""
    job = invited(tmp_path)
    invite = job.invite(CONCRETE)
    good = workbook_of(invite)
    files = [(f"{n}.xlsx", filled(good, {"1": {"work_this_period": str(100 + n)}})) for n in range(3)]
    found = hit(job, reply(invite, None, when=job.now, extra=files))
    assert (found.outcome, "more than one workbook" in found.told) == ("several-workbooks", True)
    cheap = [(f"{n}.xlsx", repacked(good, lambda _n, part: part) + bytes([n])) for n in range(21)]
    found = hit(job, reply(invite, None, when=job.now, extra=cheap))
    assert (found.outcome, found.row["reason"]) == (
        "several-workbooks",
        "The mail holds more than 20 workbooks; none was opened.",
    )


def test_no_workbook_and_an_empty_mail(tmp_path: Path) -> None:
    """A PDF without the workbook, a link to a file and a mail without a word are each asked about."""
    job = invited(tmp_path)
    for sub, text, file, words in (
        (CONCRETE, "Our bill", [("march.pdf", b"%PDF-1.7\n" + b"x" * 99)], "came without the workbook"),
        (ELECTRIC, "", [], "without text and without a workbook"),
    ):
        found = hit(job, reply(job.invite(sub), None, when=job.now, text=text, extra=file))
        assert found.waits
        assert words in found.told
    job.verify()

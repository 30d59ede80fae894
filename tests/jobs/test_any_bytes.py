"""Any bytes as a mail: nothing is raised, nothing is lost, every message ends in a state with a reason."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch.core.states import Incoming
from batch.edges.store import queries_mail, tables
from batch.jobs.fetch_mail import ingest_bytes
from batch.jobs.process_mail import process_mail
from tests.jobs.received import CONCRETE, ELECTRIC, STRANGER, hit, invited, letter
from tests.scenarios.paperwork import filled, reply, workbook_of
from tests.scenarios.registers import ADMIN, Register
from tests.scenarios.site import OUR_ADDRESS, Site

SAMPLES = [
    file.read_bytes() for file in sorted((Path(__file__).parents[2] / "inbox_samples").glob("*/reply.eml"))
]
HEADERS = (
    "From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Content-Type", "Received",
    "Content-Transfer-Encoding", "Return-Path", "Auto-Submitted", "Delivered-To", "MIME-Version", "Content-Disposition",
)  # fmt: skip
VALUES = (
    CONCRETE.address, ADMIN, STRANGER, OUR_ADDRESS, "text/html; charset=utf-7", "text/plain; charset=punycode",
    "multipart/report; report-type=delivery-status; boundary=b", "multipart/mixed; boundary=b", "message/rfc822",
    "=?utf-7?q?+2AA-?=", "=?utf-8?b?=E2?=", "base64", "x-uuencode", "quoted-printable", "<>", "<a@b.example>",
    "attachment; filename*=utf-7''%2B2AA-", "Mon, 99 Foo 2026 25:61:61 +9999", "from x; Thu, 1 Jan 10000 00:00:00 +0000",
    "application/ms-tnef", "text/calendar; method=REPLY",
)  # fmt: skip
PIECES = (
    b"--b\r\n", b"--b--\r\n", b"\r\n", b"\n", b"\0", b"ACCEPT\r\n", b"DECLINE\n", b"> ACCEPT\n", b"+2AA-", b"\xff\xfe",
    b"Final-Recipient: rfc822; x@y.example\nAction: failed\nStatus: 5.1.1\n", b"begin 644 a.xlsx\nM\nend\n",
    b"Content-Type: message/delivery-status\r\n\r\n", b"Content-Type: text/html\r\n\r\n<blockquote>", b"=\r\n", b"=3D=",
    b"PK\x03\x04", b"PK\x05\x06", b"xl/workbook.xml", bytes.fromhex("d0cf11e0a1b11ae1"), bytes.fromhex("789f3e22"),
)  # fmt: skip


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all examples; a smaller limit, so that a message over it can be made."""
    made = invited(tmp_path_factory.mktemp("site"))
    limits = made.w.config.limits.model_copy(update={"message_bytes": 400_000})
    made.w = replace(made.w, config=made.w.config.model_copy(update={"limits": limits}))
    yield made
    made.verify()
    made.close()


def _ends_in_a_state(job: Site, raw: bytes) -> None:
    inbox_id = ingest_bytes(job.w, raw, received=None, now=job.now)
    if inbox_id is None:
        return
    process_mail(job.w, job.now)
    with job.w.store.read() as conn:
        row = queries_mail.mail(conn, inbox_id)
    assert row is not None
    assert row["traceback"] is None, row["traceback"]
    assert row["state"] in (Incoming.PROCESSED, Incoming.WAITING)
    assert row["reason"]


hostile = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@hostile
@given(raw=st.binary(max_size=600))
def test_any_bytes_at_all(job: Site, raw: bytes) -> None:
    """Noise is a message without sender or text; it waits for a person."""
    _ends_in_a_state(job, raw)


heads = st.lists(
    st.tuples(st.sampled_from(HEADERS), st.sampled_from(VALUES) | st.text(max_size=40)), max_size=12
)
bodies = st.lists(st.sampled_from(PIECES) | st.binary(max_size=40), max_size=20)


@hostile
@given(head=heads, body=bodies)
def test_headers_and_bodies_of_every_kind(job: Site, head: list[tuple[str, str]], body: list[bytes]) -> None:
    """Headers with the values that parsers trip over, bodies of pieces that look like something."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in head)
    _ends_in_a_state(job, lines.encode("utf-8", "surrogatepass") + b"\r\n" + b"".join(body))


@hostile
@given(
    sample=st.sampled_from(SAMPLES),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8)), max_size=8),
)
def test_real_mail_with_damage(job: Site, sample: bytes, cuts: list[tuple[float, bytes]]) -> None:
    """Every sample with bytes overwritten somewhere."""
    damaged = bytearray(sample)
    for where, piece in cuts:
        at = int(where * len(damaged))
        damaged[at : at + len(piece)] = piece
    _ends_in_a_state(job, bytes(damaged).replace(b"harborbuild.example", b"gc.example"))


@hostile
@given(
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=6),
    sub=st.sampled_from([CONCRETE, ELECTRIC]),
    packing=st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2]),
    wrapped=st.booleans(),
)
def test_workbooks_and_zips_with_damage(
    job: Site, cuts: list[tuple[float, bytes]], sub: object, packing: int, wrapped: bool
) -> None:
    """The real workbook of a real invite, packed in each way, with bytes overwritten, alone or inside a zip."""
    invite = job.invite(sub)  # type: ignore[arg-type]
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook_of(invite))) as old, zipfile.ZipFile(out, "w", packing) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    data = bytearray(out.getvalue())
    for where, piece in cuts:
        at = int(where * len(data))
        data[at : at + len(piece)] = piece
    if wrapped:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", packing) as new:
            new.writestr("bill.xlsx", bytes(data))
        data = bytearray(out.getvalue())
        for where, piece in cuts[:2]:
            at = int(where * len(data))
            data[at : at + len(piece)] = piece
    _ends_in_a_state(
        job, reply(invite, bytes(data), when=job.now, name="bill.zip" if wrapped else "bill.xlsx")
    )


def test_a_million_header_lines_take_no_longer_than_they_are(job: Site) -> None:
    """One header folded over a million lines, a million headers, a million newlines, a text without a line break."""
    for raw in (
        b"Subject: a\r\n" + b" b\r\n" * 90_000 + b"\r\nHi",
        b"".join(b"X-%d: y\r\n" % n for n in range(30_000)) + b"\r\nHi",
        b"Subject: a\r\n\r\n" + b"\n" * 390_000,
        b"Subject: a\r\n\r\n" + b"On " * 130_000,
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 70_000,
        b"Content-Type: text/html\r\n\r\n" + b"<blockquote>" * 30_000,
        b"References: " + b"<a@b>," * 60_000 + b"\r\n\r\nHi",
        b"To: " + b"a@b.example, " * 30_000 + b"\r\n\r\nHi",
    ):
        _ends_in_a_state(job, raw)


def test_fifty_mails_inside_each_other(job: Site) -> None:
    """Mails nested fifty deep are read to a bound."""
    inner = EmailMessage()
    inner.set_content("DECLINE")
    for _ in range(50):
        outer = EmailMessage()
        outer["From"] = CONCRETE.address
        outer.set_content("See below")
        outer.add_attachment(inner)
        inner = outer
    _ends_in_a_state(job, inner.as_bytes())


def test_bad_and_good_mail_in_one_pass(tmp_path: Path) -> None:
    """Every sample arrives at once with one good bill behind them; the bill counts, all are filed, balances tie."""
    job = invited(tmp_path, Register(subs=[CONCRETE]))
    for raw in SAMPLES:
        ingest_bytes(job.w, raw, received=job.now, now=job.now)
    job.submit(CONCRETE, {"1": {"work_this_period": "1000"}})
    assert job.standing("SC-1")["state"] == "Under Review"
    assert {row["state"] for row in job.inbox()} <= {"processed", "waiting for a person"}
    job.verify()


def test_a_mail_that_ends_the_process_is_set_aside_after_three_tries(tmp_path: Path) -> None:
    """Tries that were cut off count too: the fourth start does not touch it, and the next mail is worked on."""
    job = invited(tmp_path, Register(subs=[CONCRETE]))
    inbox_id = ingest_bytes(job.w, letter(STRANGER), received=job.now, now=job.now)
    with job.w.store.write() as conn:
        i = tables.inbox
        conn.execute(i.update().where(i.c.id == inbox_id).values(attempts=3))
    job.tick()
    (row,) = job.inbox()
    assert (row["state"], row["outcome"]) == ("quarantined", "failed")
    assert "ended each time" in job.cli("quarantine", "--json")
    job.submit(CONCRETE, {"1": {"work_this_period": "1000"}})
    assert job.standing("SC-1")["state"] == "Under Review"
    job.at("inbox", "--put-back", str(inbox_id))
    job.tick()
    assert next(one for one in job.inbox() if one["id"] == str(inbox_id))["state"] == "waiting for a person"
    job.verify()


def test_a_dates_far_from_now_decide_nothing(tmp_path: Path) -> None:
    """The instant of receipt counts, never the Date header; a Received header without a date is passed over."""
    job = invited(tmp_path, Register(subs=[CONCRETE]))
    invite = job.invite(CONCRETE)
    for when in (datetime(1971, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)):
        data = filled(workbook_of(invite), {"1": {"work_this_period": str(when.year)}})
        found = hit(job, reply(invite, data, when=when), changes=True)
        assert found.outcome == "submission"
        assert "late" not in [one["code"] for one in job.show("SC-1/1")["findings"]]

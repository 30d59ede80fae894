"""The same content counts once, even when two mails that hold it are worked on at the same moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from batch.edges.store import queries_mail
from batch.edges.store.events import StaleRow
from batch.formats.mail.parse import parse
from batch.jobs.effects import Effects, apply
from batch.jobs.fetch_mail import store_message
from batch.jobs.process_mail import folders
from tests.scenarios.paperwork import filled, reply, workbook_of
from tests.scenarios.site import INVITED, Register, Sub, site

SUB = Sub(number="SC-1", lines=[("1", "03-300", "10000")])


def test_what_another_mail_submitted_meanwhile_is_not_submitted_again(tmp_path: Path) -> None:
    """The UNIQUE key on submitted content refuses the second mail whole: nothing of it is written."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick(INVITED)
        invite = job.invite(SUB)
        raw = reply(invite, filled(workbook_of(invite), {"1": {"work_this_period": "500"}}), when=job.now)
        job.receive(raw)
        again = {"account": "box", "folder": "INBOX", "uidvalidity": 7, "uid": 1}
        store_message(job.w, raw, job.now, again, size=len(raw), now=job.now)
        with job.w.store.read() as conn:
            (row,) = queries_mail.to_process(conn, job.now)
        effects = Effects(outcome="submission", reason="Twice at once.", counts_as_submission=True)
        with pytest.raises(StaleRow), job.w.store.write() as conn:
            apply(conn, row, parse(raw), effects, folders(job.w), job.now)
        job.tick()
        assert [one["outcome"] for one in job.inbox()] == ["submission", "duplicate"]

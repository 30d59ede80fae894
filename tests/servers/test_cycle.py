"""The whole cycle on a real Dovecot and a real SMTP submission, and what people and servers do to a mailbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from batch.config import load
from batch.edges.mailbox import Mailbox
from batch.jobs.accounts import imap_account
from batch.jobs.fetch_mail import fetch_mail
from batch.jobs.workplace import open_workplace
from tests.scenarios.paperwork import reviewed, workbook_of
from tests.scenarios.registers import Sub
from tests.scenarios.site import AFTER_DUE, BEFORE_DUE, INVITED
from tests.servers.dovecot import MAIL_DOMAIN, Dovecot
from tests.servers.office import Office, daemon, eventually

LINES = [("1", "03-300", "10000"), ("2", "05-120", "25000")]
RIGHT = {"1": {"work_this_period": "4000"}, "2": {"percent_to_date": "20"}}
NOTICE_LEAVES = "2026-02-03T17:30:00Z"

Opened = Callable[..., Office]


def subs_of(user: str) -> tuple[Sub, Sub, Sub]:
    """Three commitments whose contacts have mailboxes that no other test uses."""
    name = user.partition("@")[0]
    one, two, three = (
        Sub(number=f"SC-{n}", vendor=f"V{n}", lines=LINES, contact=f"sub{n}-{name}@{MAIL_DOMAIN}")
        for n in (1, 2, 3)
    )
    return one, two, three


@pytest.fixture
def subs(user: str) -> tuple[Sub, Sub, Sub]:
    """The commitments of the office in this test."""
    return subs_of(user)


@pytest.fixture
def opened(tmp_path: Path, user: str, subs: tuple[Sub, Sub, Sub]) -> Opened:
    """Opens the office of this test on a server."""

    def make(server: Dovecot, **settings: object) -> Office:
        return Office(
            tmp_path,
            server,
            subs,
            address=user,
            admin=f"pat-{user}",
            **settings,  # type: ignore[arg-type]
        )

    return make


def effects(office: Office) -> tuple[int, int, list[str]]:
    """What would show that something was done twice: applications, findings on them, and every mail that left."""
    with office.store() as store, store.read() as conn:
        count = [
            conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in ("application", "review")
        ]
    return count[0], count[1], sorted(one["purpose"] + one["recipient"] for one in office.facts("outbox"))


def test_the_cycle_with_a_daemon(opened: Opened, dovecot: Dovecot, subs: tuple[Sub, Sub, Sub]) -> None:
    """Invite, wrong reply, answer, right reply, review, decision, notice: each arrives in the mailbox it is meant for."""
    office = opened(dovecot)
    office.clock.step_to(office.now.replace(day=26, hour=16))
    with daemon(office) as service:
        service.rest()
        bill, accept, decline = subs
        # Over the value of line 1: the answer has the cell marked, and the corrected one is taken.
        office.send(office.bill(bill, {"1": {"work_this_period": "10500"}}))
        refused = eventually(lambda: office.mails(bill.address, "please correct"), "the refusal")
        office.send(office.bill(bill, RIGHT, answering=refused[-1]))
        eventually(lambda: office.mails(bill.address, "received"), "the receipt")
        assert office.standing("SC-1") == ("Answered", "Under Review")
        # One says that it will come, one that there is nothing; one asks something.
        office.send(office.say(accept, "ACCEPT"))
        office.send(office.say(decline, "DECLINE\nNothing on site before March."))
        office.send(office.say(accept, "Which month does this cover, and can we split line 2?"))
        eventually(
            lambda: len(office.inbox()) == 5 and office.mails(office.admin, "look"), "word of the question"
        )
        office.clock.step_to(office.now.replace(month=2, day=3))
        review = eventually(lambda: office.mails(office.admin, "review: "), "the review workbook")[-1]
        office.hand_in(reviewed(workbook_of(review), {"SC-1": {"decision": "Approve"}}))
        office.clock.step_to(office.now.replace(minute=1))
        eventually(office.reports, "the report in the folder")
        service.rest()
        assert office.mails(bill.address, "approved") == []
        office.clock.step_to(office.now.replace(hour=17, minute=30))
        notice = eventually(lambda: office.mails(bill.address, "approved"), "the notice")[-1]
        assert "SC-1" in str(notice["Subject"])
        service.rest()
    assert office.standing("SC-1")[1] == "Approved"
    assert [office.standing(name)[0] for name in ("SC-2", "SC-3")] == ["Accepted", "Declined"]
    assert (len(office.subjects("INBOX")), len(office.subjects("Processed"))) == (0, 4)
    assert len(office.subjects("Review")) == 1
    assert "Everything ties." in office.cli("verify")


def test_the_cycle_by_single_passes_without_move(
    opened: Opened, bare_dovecot: Dovecot, subs: tuple[Sub, Sub, Sub]
) -> None:
    """On a server without MOVE and UIDPLUS mail stays where it is, and is still worked on once only."""
    office = opened(bare_dovecot)
    office.tick(INVITED)
    office.send(office.bill(subs[0], {"1": {"work_this_period": "10500"}}))
    office.tick()
    office.send(office.bill(subs[0], RIGHT, answering=office.last_mail(subs[0].address, "please correct")))
    office.tick()
    before = effects(office)
    office.tick(BEFORE_DUE)
    office.tick(AFTER_DUE)
    office.hand_in(
        reviewed(workbook_of(office.last_mail(office.admin, "review: ")), {"SC-1": {"decision": "Approve"}})
    )
    office.tick()
    office.tick(NOTICE_LEAVES)
    assert len(office.mails(subs[0].address, "approved")) == 1
    assert len(office.subjects("INBOX")) == 2
    assert office.subjects("Processed") == []
    assert [state for state, _outcome in office.inbox()] == ["processed", "processed"]
    assert before[0] == effects(office)[0] == 2


def test_the_cycle_on_a_server_that_copies_and_expunges(
    opened: Opened, dovecot_without_move: Dovecot, subs: tuple[Sub, Sub, Sub]
) -> None:
    """With UIDPLUS alone mail still ends in its folder, below the server's own prefix, and is worked on once."""
    office = opened(dovecot_without_move)
    office.tick(INVITED)
    office.put(b"From: x@sub.test\r\nSubject: hello\r\n\r\nIs this the right address?\r\n")
    office.send(office.bill(subs[0], RIGHT))
    office.tick()
    office.tick(BEFORE_DUE)
    assert office.subjects("INBOX") == []
    assert (len(office.subjects("INBOX.Processed")), len(office.subjects("INBOX.Review"))) == (1, 1)
    assert [outcome for _state, outcome in office.inbox()] == ["not-placed", "submission"]


def test_a_folder_that_was_made_again_does_nothing_twice(
    opened: Opened, dovecot: Dovecot, subs: tuple[Sub, Sub, Sub]
) -> None:
    """After UIDVALIDITY has changed the same mail is known by its content, and new mail with an old UID is taken."""
    office = opened(dovecot, mail_folder="Bills")
    office.put(b"From: x@sub.test\r\nSubject: first\r\nAuto-Submitted: auto-replied\r\n\r\nx\r\n")
    office.tick(INVITED)
    old = [
        office.bill(subs[0], RIGHT),
        office.say(subs[1], "ACCEPT"),
        office.say(subs[2], "DECLINE\nNothing yet."),
        office.say(subs[1], "Which month does this cover, and can we split line 2?"),
    ]
    for raw in old:
        office.put(raw)
    office.tick()
    before = effects(office)
    made_again(office, [*old, office.bill(subs[1], RIGHT)])
    office.tick()
    application, reviews, mails = effects(office)
    assert (application, reviews) == (before[0] + 1, before[1])
    # Everybody has answered now, so the review goes out as well.
    assert mails == sorted([*before[2], f"receipt{subs[1].address}", f"review_ready{office.admin}"])
    assert [office.standing(sub.number)[0] for sub in subs] == ["Answered", "Answered", "Declined"]
    assert office.subjects("Bills") == []


def made_again(office: Office, mails: list[bytes]) -> None:
    """The folder is deleted and made again, as a migration does, with these mails in it."""
    with office.client(office.address) as client:
        client.delete_folder("Bills")
        client.create_folder("Bills")
    for raw in mails:
        office.put(raw)


def test_unfiled_mail_of_an_old_folder_is_forgotten(
    opened: Opened, dovecot: Dovecot, subs: tuple[Sub, Sub, Sub]
) -> None:
    """A UID of another UIDVALIDITY is never moved: it may be another message by now."""
    office = opened(dovecot, mail_folder="Bills")
    office.tick(INVITED)
    office.put(office.say(subs[1], "ACCEPT"))
    office.tick()
    with office.store() as store, store.write() as conn:
        conn.exec_driver_sql("UPDATE inbox SET filed_at = NULL")
    made_again(office, [])
    office.put(b"From: x@sub.test\r\nSubject: other\r\nAuto-Submitted: auto-replied\r\n\r\nx\r\n")
    office.tick()
    with office.store() as store, store.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM inbox WHERE filed_at IS NULL").scalar_one() == 0


def test_people_who_read_move_and_copy_back(
    opened: Opened, dovecot: Dovecot, subs: tuple[Sub, Sub, Sub]
) -> None:
    """Reading hides no mail from us; what a person puts back is a duplicate, and is filed again."""
    office = opened(dovecot)
    office.tick(INVITED)
    office.send(office.bill(subs[0], RIGHT))
    with office.client(office.address, readonly=False) as client:
        eventually(lambda: client.noop() and client.search(["ALL"]), "the reply")
        client.add_flags(client.search(["ALL"]), [b"\\Seen", b"\\Flagged"])
    office.tick()
    before = effects(office)
    assert office.standing("SC-1") == ("Answered", "Under Review")
    with office.client(office.address, "Processed", readonly=False) as client:
        client.copy(client.search(["ALL"]), "INBOX")
    office.tick()
    with office.client(office.address, "Processed", readonly=False) as client:
        client.move(client.search(["ALL"])[:1], "INBOX")
    office.tick()
    assert effects(office) == before
    assert [outcome for _state, outcome in office.inbox()] == ["submission", "duplicate", "duplicate"]
    assert (len(office.subjects("INBOX")), len(office.subjects("Processed"))) == (0, 2)


def test_mail_that_a_person_took_away(opened: Opened, dovecot: Dovecot, subs: tuple[Sub, Sub, Sub]) -> None:
    """A mail that a person moves or deletes while we work on it keeps its effect, and stops nothing."""
    office = opened(dovecot)
    office.tick(INVITED)
    office.send(office.bill(subs[0], RIGHT))
    eventually(lambda: office.subjects("INBOX"), "the reply")
    taken_away(office)
    office.send(office.say(subs[1], "ACCEPT"))
    eventually(lambda: office.subjects("INBOX"), "the second reply")
    office.tick()
    assert office.standing("SC-1") == ("Answered", "Under Review")
    assert office.standing("SC-2")[0] == "Accepted"
    assert (len(office.subjects("Mine")), len(office.subjects("Processed"))) == (1, 1)


def taken_away(office: Office) -> None:
    """Our side has stored the mail; then a person moves it, and only then we file it."""
    w = open_workplace(load(office.config))
    imap = w.config.mail.imap
    assert imap is not None
    with Mailbox(imap_account(w.config, imap)) as mailbox:
        assert fetch_mail(w, imap, mailbox, office.now) == 1
    w.store.close()
    with office.client(office.address, readonly=False) as client:
        client.create_folder("Mine")
        client.move(client.search(["ALL"]), "Mine")


def test_the_same_mail_delivered_twice(opened: Opened, dovecot: Dovecot, subs: tuple[Sub, Sub, Sub]) -> None:
    """Two copies of one mail, as after a lost answer between two servers, have one effect and one receipt."""
    office = opened(dovecot)
    office.tick(INVITED)
    raw = office.bill(subs[0], RIGHT)
    office.send(raw)
    office.send(raw)
    eventually(lambda: len(office.subjects("INBOX")) == 2, "both copies")
    office.tick()
    office.send(raw)
    office.tick()
    assert [outcome for _state, outcome in office.inbox()] == ["submission", "duplicate", "duplicate"]
    assert len(office.mails(subs[0].address, "received")) == 1
    assert len(office.subjects("Processed")) == 3

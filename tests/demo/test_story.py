"""The demo's story: its folder, its cast, its proof, and the whole of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from batch.clock import SteppedClock
from batch.demo import register_rows
from batch.demo.servers import MakeBounce, OnMessage
from batch.demo.story import run
from batch.demo.story_cast import ADMINS, EXPECTED, GONE, INCIDENTS, SCRIPTS
from batch.demo.story_folder import MARKER, Place, StoryFailed, prepare
from batch.demo.story_office import PERIODS, PROJECTS, Issued
from batch.demo.story_proof import Batch, Outcome, approved_in, differences
from batch.demo.story_world import World
from tests.demo.letters import a_sent_mail
from tests.formats.pay_app.samples import a_workbook

ROOT = Path(__file__).parents[2]
CONTACTS = {(str(row["Commitment"]), str(row["Email"])): row["Role"] for row in register_rows.CONTACTS}
NOW = datetime(2026, 3, 26, 9, tzinfo=UTC)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """Without the marker nothing in a folder is touched, and the demo ends with 1."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(StoryFailed, match="was not made by a demo"):
        prepare(tmp_path, 1)
    assert run(tmp_path, 1) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_of_an_earlier_demo_is_emptied(tmp_path: Path) -> None:
    """What a demo made, the next one takes away; a new folder is private."""
    folder = prepare(tmp_path / "demo", 1).folder
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "old.txt").write_text("old")
    prepare(folder, 1)
    assert [file.name for file in folder.iterdir()] == [MARKER]


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    """A folder without anything in it holds nothing to lose."""
    assert prepare(tmp_path, 1).folder == tmp_path


def test_commands_run_with_the_storys_clock_and_seed(tmp_path: Path) -> None:
    """A child is told the clock's file, the seed and where the package is."""
    place = prepare(tmp_path / "demo", 7)
    environment = place.environment
    assert (environment["BILLINGS_CLOCK_FILE"], environment["BILLINGS_SEED"]) == (str(place.clock), "7")
    assert str(ROOT) in environment["PYTHONPATH"].split(os.pathsep)
    assert "version" in place.run("--help")


def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    """A command without a configuration ends the story with what it said; of several, each tells its own end."""
    place = prepare(tmp_path / "demo", 1)
    with pytest.raises(StoryFailed, match="billings verify"):
        place.run("verify")
    done = place.run_all([("--version",), ("verify",)])
    assert [one.code for one in done] == [0, 78]


def test_the_cast_are_the_contacts_of_the_register() -> None:
    """Everybody who plays may bill their commitment, and nobody else of the register is left to bill."""
    assert {CONTACTS[script.commitment, script.person.address] for script in SCRIPTS} == {"bills"}
    bill = {pair for pair, role in CONTACTS.items() if role == "bills"}
    assert bill - {(script.commitment, script.person.address) for script in SCRIPTS} == {("SC-014-04", GONE)}


def test_every_commitment_and_admin_of_the_register_is_expected() -> None:
    """States are expected of all commitments, the projects of the office and the admins are those of the register."""
    assert set(EXPECTED) == {row["Number"] for row in register_rows.COMMITMENTS}
    assert set(PROJECTS) == {row["Number"] for row in register_rows.PROJECTS}
    assert {admin.person.address for admin in ADMINS} == {row["Email"] for row in register_rows.ADMINS}


def a_status(approved: str = "100.00") -> dict[str, Any]:
    """A status in which everything is as it has to be; each commitment had `approved` in each period."""
    project_of = {row["Number"]: row["Project"] for row in register_rows.COMMITMENTS}
    return {
        "periods": [
            {
                "project": project,
                "period": period,
                "commitments": [
                    {"commitment": name, "state": states[period - 1], "approved_this_period": approved}
                    for name, states in EXPECTED.items()
                    if project_of[name] == project
                ],
            }
            for project in PROJECTS
            for period in PERIODS
        ],
        "inbox": {"stored": 0, "quarantined": 0},
        "outbox": {"pending": 0, "sending": 0, "unknown": 0},
    }


def an_outcome(status: dict[str, Any]) -> Outcome:
    """An outcome whose ERP files and mails fit the status."""
    batches = [
        Batch(
            project=project,
            period=period,
            target="csv",
            documents=1,
            gross=approved_in(status, project, period),
            currency="USD",
        )
        for project in PROJECTS
        for period in PERIODS
    ]
    return Outcome(
        status=status,
        inbox=[{"outcome": row[0]} for row in INCIDENTS],
        outbox=[{"state": "refused", "recipient": GONE}],
        batches=batches,
    )


def an_issued(amount: str = "500.00") -> Issued:
    """A client application that takes in all of the first project's first period."""
    whole = Decimal(amount)
    return Issued(project="26-014", period=1, matched=whole, unmatched=Decimal("0.00"), downstream=whole)


def test_nothing_differs_when_all_is_as_it_has_to_be() -> None:
    """The proof is content with a good outcome."""
    assert differences(an_outcome(a_status()), [an_issued()]) == []


def _spoil_state(status: dict[str, Any]) -> None:
    status["periods"][0]["commitments"][0]["state"] = "Under Review"


def _spoil_absence(status: dict[str, Any]) -> None:
    del status["periods"][0]["commitments"][0]


def _spoil_mail(status: dict[str, Any]) -> None:
    status["inbox"]["quarantined"] = 1


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_spoil_state, "SC-014-01 in period 1 is Under Review; it has to be Approved."),
        (_spoil_absence, "SC-014-01 in period 1 is missing; it has to be Approved."),
        (_spoil_mail, "1 mails are quarantined in the inbox at the end."),
    ],
)
def test_a_wrong_end_is_told(spoil: Callable[[dict[str, Any]], None], sentence: str) -> None:
    """A state, a commitment that is not there, and mail that is stuck each give a sentence."""
    status = a_status()
    spoil(status)
    assert differences(an_outcome(status), []) == [sentence]


def test_a_wrong_total_is_told() -> None:
    """An ERP total or a client application other than what was approved is a difference."""
    outcome = an_outcome(a_status())
    batches = [replace(outcome.batches[0], gross=Decimal("499.99")), *outcome.batches[1:]]
    assert differences(replace(outcome, batches=batches), [an_issued("400.00")]) == [
        "26-014, period 1: csv has 499.99, approved were 500.00.",
        (
            "26-014, period 1: the client application takes in 400.00, of which 400.00 has a client line and "
            "0.00 has none; approved were 500.00."
        ),
    ]


def test_an_incident_that_did_not_happen_is_told() -> None:
    """The story is only told when its mishaps really happened."""
    outcome = an_outcome(a_status())
    inbox = [mail for mail in outcome.inbox if mail["outcome"] != "bounce"]
    assert differences(replace(outcome, inbox=inbox, outbox=[]), []) == [
        "No mail came in that was taken for: bounce.",
        f"Refused by their mail servers were none; it has to be {GONE}.",
    ]


class Post:
    """Takes the place of the mail servers: keeps what people send."""

    def __init__(self) -> None:
        self.on_message: OnMessage = lambda _sender, _recipient, _raw: None
        self.bounces: set[str] = set()
        self.make_bounce: MakeBounce | None = None
        self.delivered: list[tuple[bytes, datetime]] = []

    def deliver(self, raw: bytes, when: datetime) -> None:
        self.delivered.append((raw, when))


def a_world(folder: Path) -> tuple[World, Post]:
    """The world at 9 o'clock, on a fake post."""
    post, clock = Post(), SteppedClock(folder / "clock")
    clock.step_to(NOW)
    return World(post, clock, folder), post


def test_people_answer_when_their_time_has_come(tmp_path: Path) -> None:
    """A mail plans an answer; it is written when the clock stands there, and its workbook is kept."""
    world, post = a_world(tmp_path)
    script = SCRIPTS[0]
    invite = a_sent_mail(workbook=a_workbook(), commitment=script.commitment)
    post.on_message("billing@harborbuild.example", script.person.address, invite)
    due = world.next_instant()
    assert due == NOW + script.delay
    assert not world.do_next(NOW)
    assert world.do_next(due)
    assert [when for _, when in post.delivered] == [due]
    assert len(list((tmp_path / "workbooks").iterdir())) == 2
    assert world.next_instant() is None


def test_the_lost_address_bounces_first_and_is_refused_later(tmp_path: Path) -> None:
    """The bounce comes at the clock's instant; after that the server refuses at once."""
    world, post = a_world(tmp_path)
    assert post.bounces == {GONE}
    assert post.make_bounce is not None
    raw, when = post.make_bounce("billing@harborbuild.example", GONE, a_sent_mail())
    assert when == NOW
    assert b"550 5.1.1" in raw
    world.refuse_at_once()
    assert post.make_bounce is None


def test_things_planned_for_one_instant_keep_their_order(tmp_path: Path) -> None:
    """What was planned first is done first, one thing at a time."""
    world, _ = a_world(tmp_path)
    done: list[int] = []

    def note(number: int, _now: datetime) -> None:
        done.append(number)

    for number in (1, 2, 3):
        world.plan(NOW, partial(note, number))
    while world.do_next(NOW):
        pass
    assert done == [1, 2, 3]


@pytest.mark.slow
def test_the_whole_story_comes_out(tmp_path: Path) -> None:
    """`billings demo` ends with 0, from any folder, and leaves mails, workbooks and files that can be looked at."""
    folder = tmp_path / "billings-demo"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "batch", "demo", "--seed", "3"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "everything ties" in done.stdout
    assert len(list((folder / "mail").glob("*.eml"))) > 100
    assert len(list(folder.glob("output/*/period-2/erp/*/manifest.json"))) == 9
    assert Place(folder=folder, seed=3).run("verify") == "Everything ties.\n"

"""Every case in inbox_samples: what the parser and the classifier must make of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from batch.formats.mail.classify import Classification, Outcome, classify
from batch.formats.mail.parse import ParsedMail, documents, parse, texts_of_sent, workbooks
from batch.formats.mail.tokens import tokens_in

SAMPLES = Path(__file__).parents[3] / "inbox_samples"
CASES = sorted(path.parent.name for path in SAMPLES.glob("*/reply.eml"))
SENT = texts_of_sent((SAMPLES / "_sent" / "invite.eml").read_bytes())
OWN = "billing@harborbuild.example"


def _sorted_out(raw: bytes) -> tuple[ParsedMail, Classification]:
    mail = parse(raw)
    return mail, classify(mail, own_addresses=[OWN], sent_texts=SENT, loop_id="harborbuild-1")


def _facts(mail: ParsedMail, found: Classification) -> dict[str, object]:
    """What expected.yaml may name, as it was found."""
    bounce = found.bounce
    return {
        "outcome": str(found.outcome),
        "answerable": found.answerable,
        "said": found.said,
        "decision_reason": found.decision_reason,
        "words": found.words,
        "subject": mail.subject,
        "references": list(mail.references),
        "workbooks": len(workbooks(mail)),
        "documents": len(documents(mail)),
        "names": [part.name for part in workbooks(mail)],
        "tokens": [{"source": one.source, "token": one.token} for one in tokens_in(mail, OWN)],
        "bounce": bounce
        and {
            "kind": str(bounce.kind),
            "recipient": bounce.recipient,
            "status": bounce.status,
            "returned_message_id": bounce.returned_message_id,
        },
    }


def _expected(case: str) -> Mapping[str, object]:
    loaded: Mapping[str, object] = yaml.safe_load(
        (SAMPLES / case / "expected.yaml").read_text(encoding="utf-8")
    )
    return loaded


@pytest.mark.parametrize("case", CASES)
def test_sample_gives_what_its_expected_file_says(case: str) -> None:
    """Outcome, reason, workbooks, tokens and whatever else the case names are as written beside it."""
    expected = dict(_expected(case))
    mail, found = _sorted_out((SAMPLES / case / "reply.eml").read_bytes())
    facts = _facts(mail, found)
    # A token is found in several places; the first of each is the one that counts.
    assert str(expected.pop("reason_contains")) in found.reason
    assert {name: facts[name] for name in expected} == expected


def test_there_are_samples_of_every_outcome() -> None:
    """No outcome is without a sample."""
    assert {str(_expected(case)["outcome"]) for case in CASES} == {str(one) for one in Outcome}
    assert len(CASES) >= 25


@pytest.mark.parametrize("case", CASES)
def test_samples_use_addresses_of_nobody(case: str) -> None:
    """Samples are synthetic: every address ends in .example, .test or .invalid."""
    mail = parse((SAMPLES / case / "reply.eml").read_bytes())
    addresses = {mail.from_address, *mail.to_addresses, *mail.cc_addresses} - {""}
    assert all(address.endswith((".example", ".test", ".invalid")) for address in addresses)

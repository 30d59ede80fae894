"""Sentences for findings."""

from __future__ import annotations

import re

import pytest

from batch.core.findings import CODES, Finding, Severity
from batch.formats.findings_text import SENTENCES, sentence
from batch.formats.terms import TERMS


def test_every_code_has_its_sentences() -> None:
    """Each code of the catalogue has a sentence, and there is no sentence without a code."""
    assert SENTENCES.keys() == CODES.keys()


@pytest.mark.parametrize("locale", sorted(TERMS))
@pytest.mark.parametrize("code", sorted(CODES))
def test_sentences_are_complete(code: str, locale: str) -> None:
    """With and without its values, a finding is one sentence with nothing left to fill in."""
    full = Finding(
        code=code,
        severity=Severity.RETURN,
        line="4",
        found="98000.00",
        expected="80000.00",
        difference="18000.00",
    )
    for finding in (full, Finding(code=code, severity=Severity.HOLD)):
        text = sentence(finding, TERMS[locale], "USD")
        assert re.fullmatch(r"[A-Z0-9'].*[.]", text), text
        assert not re.search(r"[{}]|''|\(\)| [,;]| \.(?!xlsx)|  ", text), text


def test_amounts_have_separators() -> None:
    """Amounts in a sentence are grouped by thousands."""
    finding = Finding(
        code="over-line",
        severity=Severity.RETURN,
        line="4",
        found="98000.00",
        expected="80000.00",
        difference="10000.00",
    )
    assert sentence(finding, TERMS["en-US"], "USD") == (
        "Line 4 comes to 98,000.00 in all, 10,000.00 too much; at most 80,000.00 is left to bill."
    )


def test_terms_follow_the_locale() -> None:
    """Retainage is retention in Britain."""
    finding = Finding(code="retainage-changed", severity=Severity.HOLD)
    assert sentence(finding, TERMS["en-GB"], "GBP").startswith("Retention ")
    assert sentence(finding, TERMS["en-US"], "USD").startswith("Retainage ")

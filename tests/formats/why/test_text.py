"""Trees as text: signs, numbered evidence, cut to be short, and what does not tie; and the words for figures."""

from __future__ import annotations

from decimal import Decimal

import pytest

from batch.core.why import Evidence, EvidenceKind, Why
from batch.formats.terms import TERMS, terms_for
from batch.formats.why.text import FITS, facts, text
from batch.formats.why.words import LINE, SUMMARY, line_key, name_of, summary_key

FILE = Evidence(kind=EvidenceKind.REGISTER, text="Register", sha256="ab" * 32)


def leaf(amount: str) -> Why:
    """A figure that rests on a file."""
    return Why(what="part", amount=Decimal(amount), evidence=(FILE,))


def test_signs_say_what_a_part_does_to_the_sum() -> None:
    """A part taken off and a negative part both read as minus, and what is taken off below zero as plus."""
    parts = (leaf("10.00"), leaf("3.00").less(), leaf("-2.00"), leaf("-1.00").less(), leaf("9.00").told())
    root = Why(what="Sum", amount=Decimal("6.00"), parts=parts)
    assert text(root, "USD") == [
        "6.00  Sum",
        "    + 10.00  part [1]",
        "    - 3.00  part [1]",
        "    - 2.00  part [1]",
        "    + 1.00  part [1]",
        "    · 9.00  part [1]",
        "",
        f"[1] Register; original {'ab' * 32}",
    ]


def test_a_long_tree_is_cut_and_keeps_its_evidence() -> None:
    """The line that is cut names what stands below it; with everything nothing is cut."""
    line = Why(
        what="line",
        amount=Decimal("1.00"),
        parts=(Why(what="x", amount=Decimal("1.00"), parts=(leaf("1.00"),)),),
    )
    root = Why(what="Sum", amount=Decimal(FITS), parts=(line,) * FITS)
    short, whole = text(root, "USD"), text(root, "USD", everything=True)
    assert "    + 1.00  line [1]" in short
    assert any("--all" in one for one in short)
    assert len(whole) > 2 * len(short)


def test_what_does_not_tie_stands_at_the_end_and_in_json() -> None:
    """In a sentence with both figures."""
    root = Why(what="Sum", amount=Decimal("6.00"), parts=(leaf("5.00"),))
    assert text(root, "USD")[-1] == "DOES NOT TIE: Sum: its parts add up to 5.00, not to 6.00."
    assert facts(root, "USD")["adds_up"] is False
    assert facts(root, "USD")["tree"]["sum_of_parts"] == "5.00"


@pytest.mark.parametrize("locale", sorted(TERMS))
def test_every_figure_is_found_by_its_name_in_every_locale(locale: str) -> None:
    """By its key, by its name as it is shown, and by the number of its line."""
    terms = terms_for(locale)
    for key, (number, _name) in SUMMARY.items():
        assert summary_key(key, terms) == key
        assert summary_key(name_of(key, terms).removeprefix(number), terms) == key
        assert not number or summary_key(number.lower(), terms) == key
    for key in LINE:
        assert line_key(name_of(key, terms, line=True), terms) == key


def test_people_may_use_their_own_words() -> None:
    """Retention and retainage are one thing, and short words do."""
    terms = terms_for("en-US")
    assert summary_key("Retention held", terms) == "retainage_total"
    assert summary_key("variations", terms) == "net_change_orders"
    assert line_key("work", terms) == "work_this_period"
    assert line_key("profit", terms) is None

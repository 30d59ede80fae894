from __future__ import annotations

import pytest

from batch.core.matching import Match, match

ISSUED = {"april-a": "april", "april-b": "april", "may-a": "may", "order": "order", "other": "other-vendor"}
SAME_VENDOR = frozenset({"april", "may", "order"})


def matched(mail: list[str], workbook: list[str], *, vendor: bool = False) -> Match:
    """Match tokens that came in the mail's address, and in the workbook's cell."""
    together = (lambda first, second: {first, second} <= SAME_VENDOR) if vendor else None
    options = {} if together is None else {"same_vendor": together}
    return match([("address", t) for t in mail], [("cell", t) for t in workbook], ISSUED.get, **options)


@pytest.mark.parametrize(
    ("mail", "workbook", "invite", "how"),
    [
        (["april-a"], [], "april", "address"),
        ([], ["april-a"], "april", "cell"),
        (["april-a"], ["april-a"], "april", "cell"),
        (["april-a", "april-b"], [], "april", "address"),
        (["april-a"], ["april-b"], "april", "cell"),
        (["april-a", "may-a"], ["may-a"], "may", "cell"),
    ],
)
def test_one_candidate_is_the_answer(mail: list[str], workbook: list[str], invite: str, how: str) -> None:
    """When all known tokens lead to one invite, or the workbook chooses among several, that is the invite."""
    assert matched(mail, workbook) == Match(invite_id=invite, how=how, conflict=False, unknown=())


@pytest.mark.parametrize(
    ("mail", "workbook"),
    [
        (["april-a", "may-a"], []),
        ([], ["april-a", "may-a"]),
        (["april-a"], ["may-a"]),
        (["april-a"], ["other"]),
    ],
)
def test_two_candidates_are_a_question(mail: list[str], workbook: list[str]) -> None:
    """Two invites, and nothing that decides between them, are for a person."""
    assert matched(mail, workbook) == Match(invite_id=None, how="", conflict=True, unknown=())


def test_the_workbook_decides_within_one_vendor() -> None:
    """S30, S37: an old workbook in a new thread, or a second workbook in one mail, is the invite it says
    it is.
    """
    assert matched(["may-a"], ["april-a"], vendor=True).invite_id == "april"
    assert matched(["april-a"], ["order"], vendor=True).invite_id == "order"
    assert matched(["april-a"], ["other"], vendor=True).conflict


def test_unknown_tokens_are_told() -> None:
    """A token that was never issued decides nothing and is reported once."""
    assert matched(["x"], ["x"]) == Match(invite_id=None, how="", conflict=False, unknown=("x",))
    assert matched(["april-a"], ["x"]) == Match(
        invite_id="april", how="address", conflict=False, unknown=("x",)
    )

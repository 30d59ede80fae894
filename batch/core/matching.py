"""Which invite to bill does a reply answer, and how sure are we.

The sender's address is no identity. Tokens are: those of the mail (address it was sent to, thread, subject)
and those of the workbook in it. Two candidates are a question for a person, never first come first served.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Match:
    """The invite that is answered, or None. `how` is the carrier that decided, '' when none did.

    With `conflict` a person has to decide and `invite_id` is None. `unknown` are tokens that were never
    issued.
    """

    invite_id: str | None
    how: str
    conflict: bool
    unknown: tuple[str, ...]


def _strangers(_first: str, _second: str) -> bool:
    return False


def match(
    found_tokens: Sequence[tuple[str, str]],
    workbook_tokens: Sequence[tuple[str, str]],
    lookup: Callable[[str], str | None],
    *,
    same_vendor: Callable[[str, str], bool] = _strangers,
) -> Match:
    """Match a mail, or one workbook of a mail, to an invite.

    `found_tokens` are (source, token) of the mail in trust order, `workbook_tokens` (carrier, token) of the
    workbook. `lookup` gives the invite id of a token, or None when it was never issued. The workbook's own
    identity decides among several invites the mail speaks of. When the mail speaks only of other invites it
    is a conflict, unless `same_vendor` says that the two invites went to the same vendor: then it is one
    mail with several workbooks, or an old workbook in a new thread, and the workbook decides.
    """
    in_mail, mail_unknown = _resolve(found_tokens, lookup)
    in_workbook, workbook_unknown = _resolve(workbook_tokens, lookup)
    unknown = tuple(dict.fromkeys((*mail_unknown, *workbook_unknown)))
    deciding = in_workbook or in_mail
    if len(deciding) != 1 or _disagree(in_mail, in_workbook, same_vendor):
        return Match(invite_id=None, how="", conflict=bool(deciding), unknown=unknown)
    invite_id, how = next(iter(deciding.items()))
    return Match(invite_id=invite_id, how=how, conflict=False, unknown=unknown)


def _resolve(
    tokens: Sequence[tuple[str, str]], lookup: Callable[[str], str | None]
) -> tuple[dict[str, str], list[str]]:
    """Invite ids with the first source that names each, and the tokens that name none."""
    known: dict[str, str] = {}
    unknown: list[str] = []
    for source, token in tokens:
        invite_id = lookup(token)
        if invite_id is None:
            unknown.append(token)
        else:
            known.setdefault(invite_id, source)
    return known, unknown


def _disagree(
    in_mail: dict[str, str], in_workbook: dict[str, str], same_vendor: Callable[[str, str], bool]
) -> bool:
    if not in_mail or not in_workbook:
        return False
    invite_id = next(iter(in_workbook))
    return invite_id not in in_mail and not all(same_vendor(invite_id, other) for other in in_mail)

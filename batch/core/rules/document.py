"""Rules about the workbook as a whole: is it the one that was asked for, and can its table be found."""

from __future__ import annotations

from collections.abc import Iterable

from batch.core.findings import Finding, Severity
from batch.core.rules.case import Case, agrees


def table_empty(case: Case) -> Iterable[Finding]:
    """RETURN a workbook without a line; one that is empty is a question, never an empty application."""
    said_already = any(finding.severity is Severity.RETURN for finding in case.returned.findings)
    if not case.returned.lines and not said_already:
        yield case.finding("table-not-recognised", Severity.RETURN)


def token_missing(case: Case) -> Iterable[Finding]:
    """HOLD a workbook whose code is gone: the mail said whose it is, the workbook does not."""
    if case.expected_tokens and not case.returned.identity.tokens:
        yield case.finding("token-missing", Severity.HOLD)


def token_conflict(case: Case) -> Iterable[Finding]:
    """HOLD a workbook with codes of several invites: sheets of two applications were mixed."""
    tokens = case.returned.identity.token_values
    if len(tokens) > 1 and not tokens <= case.expected_tokens:
        yield case.finding("token-conflict", Severity.HOLD, found=", ".join(sorted(tokens)))


def token_unknown(case: Case) -> Iterable[Finding]:
    """HOLD a workbook whose one code is none of those of its invite."""
    tokens = case.returned.identity.token_values
    if len(tokens) == 1 and case.expected_tokens and not tokens <= case.expected_tokens:
        yield case.finding("token-unknown", Severity.HOLD, found=next(iter(tokens)))


def wrong_project(case: Case) -> Iterable[Finding]:
    """RETURN a workbook of another project."""
    yield from _wrong(case, "wrong-project", case.returned.identity.project, case.basis.project)


def wrong_commitment(case: Case) -> Iterable[Finding]:
    """RETURN a workbook of another commitment."""
    yield from _wrong(case, "wrong-commitment", case.returned.identity.commitment, case.basis.commitment)


def wrong_period(case: Case) -> Iterable[Finding]:
    """RETURN a workbook of another billing period."""
    yield from _wrong(case, "wrong-period", case.returned.identity.period, str(case.basis.period))


def _wrong(case: Case, code: str, said: str, expected: str) -> Iterable[Finding]:
    if not agrees(said, expected):
        yield case.finding(code, Severity.RETURN, found=said.strip(), expected=expected)


def issue_replaced(case: Case) -> Iterable[Finding]:
    """HOLD a workbook of another issue or schedule of values: the change was ours, so it is never
    returned for it.
    """
    if not case.outdated:
        return
    said, basis = case.returned.identity, case.basis
    by_issue = not agrees(said.issue, basis.issue)
    found, expected = (said.issue, basis.issue) if by_issue else (said.sov_version, basis.sov_version)
    yield case.finding("issue-replaced", Severity.HOLD, found=found.strip(), expected=str(expected))

"""The checks on a returned pay application: one function each, all findings at once.

A rule takes a `Case` and yields findings. It never raises for what stands in a workbook, and knows nothing
of other rules. To add a check, write the function in the module of its group and name it in the tuple
below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from batch.core.findings import Finding, Severity
from batch.core.model import Basis, LineAmounts
from batch.core.returned import Checked, Returned
from batch.core.rules import document, final, inputs, limits, locked, measured, rebase, release, rows, totals
from batch.core.rules.case import Case, Rule
from batch.core.rules.reading import claim_case, read_case

#: About the workbook as a whole. When one of these returns it, nothing is said about its lines.
DOCUMENT_RULES: tuple[Rule, ...] = (
    document.table_empty,
    document.wrong_project,
    document.wrong_commitment,
    document.wrong_period,
    document.token_conflict,
    document.token_unknown,
    document.token_missing,
    document.issue_replaced,
)
#: About amounts, wherever they come from: a workbook, an entry on behalf, a reviewer.
AMOUNT_RULES: tuple[Rule, ...] = (
    limits.over_line,
    measured.over_quantity,
    measured.quantity_needed,
    measured.milestone_part,
    limits.under_line,
    limits.over_change_order,
    limits.over_contract,
    release.release_not_invited,
    release.work_not_invited,
    release.release_over_held,
    final.final_incomplete,
    final.final_stored,
    final.final_retainage,
    limits.negative_work,
    limits.stored_dropped,
    limits.credit_application,
)
#: About how the lines of a workbook were filled in, whatever the amounts.
_ENTRY_RULES: tuple[Rule, ...] = (
    inputs.unreadable_cells,
    inputs.nothing_entered,
    inputs.tick_with_amounts,
    rows.line_missing,
    rows.line_repeated,
    rows.line_unknown,
)
#: About cells that are not for input.
_SHEET_RULES: tuple[Rule, ...] = (
    locked.prior_changed,
    locked.scheduled_value_changed,
    measured.agreement_changed,
    locked.retainage_changed,
    totals.line_totals,
    totals.summary_totals,
    inputs.formula_in_input,
)
#: About what was entered of the payment as a whole.
_PAYMENT_RULES: tuple[Rule, ...] = (inputs.materials_in_payment,)
#: About the lines of a workbook.
LINE_RULES: tuple[Rule, ...] = (*_ENTRY_RULES, *AMOUNT_RULES, *_SHEET_RULES, *_PAYMENT_RULES)
RULES: tuple[Rule, ...] = (*DOCUMENT_RULES, *LINE_RULES)
_IMPORTANCE = {severity: rank for rank, severity in enumerate(Severity)}


def check(returned: Returned, basis: Basis, *, expected_tokens: frozenset[str] = frozenset()) -> Checked:
    """Check a returned workbook against the basis of its invite.

    `expected_tokens` are the tokens of that invite, one per address; empty leaves tokens unchecked but for
    a conflict. Gives all findings (also those of the reader), the most important first, then those about
    the whole document, then by row. `bill` is computed from the claim, and None while a finding returns the
    workbook.
    """
    case = read_case(returned, basis, expected_tokens)
    about_document = _run(DOCUMENT_RULES, case)
    about_lines = bool(returned.lines) and not _returns(about_document)
    found = [*returned.findings, *about_document, *(_run(LINE_RULES, case) if about_lines else ())]
    return Checked(
        claim=case.claim if about_lines else {},
        invoice_number=_text(case, "invoice_number"),
        comment=_text(case, "comment"),
        findings=_ordered(found),
        bill=None if _returns(found) else case.bill,
        materials=_materials(case),
    )


def check_rebased(
    returned: Returned, issued: Basis, basis: Basis, *, expected_tokens: frozenset[str] = frozenset()
) -> Checked:
    """Check a workbook of an issue that we replaced: `issued` is what it went out with, `basis` what counts now.

    How it was filled in is held against what went out, the amounts against what counts now; nothing is returned
    for what we changed ourselves. Lines that are newer than the workbook are in the claim at nothing. Gives what
    `check` gives.
    """
    was = read_case(returned, issued, expected_tokens)
    now = read_case(rebase.carried_over(was), basis, expected_tokens)
    about_document = _run(DOCUMENT_RULES, was)
    found = [*returned.findings, *about_document]
    about_lines = bool(returned.lines) and not _returns(about_document)
    if about_lines:
        found += _run((*_ENTRY_RULES, *_SHEET_RULES), was)
        against = (*AMOUNT_RULES, *_PAYMENT_RULES)
        found += rebase.not_for_ours(_run(against, now), _run(against, was))
        found += [*rows.line_unknown(now), *rebase.moved(was, now)]
    return Checked(
        claim={**now.claim, **rebase.newer_lines(was, now)} if about_lines else {},
        invoice_number=_text(was, "invoice_number"),
        comment=_text(was, "comment"),
        findings=_ordered(found),
        bill=None if _returns(found) else now.bill,
        materials=_materials(now),
    )


def check_amounts(claim: Mapping[str, LineAmounts], basis: Basis) -> tuple[Finding, ...]:
    """Hold amounts without a workbook (entered on behalf, or approved) against the same limits; findings
    have no cell.

    Raises as `billing.bill` does for a key that is no line and for an amount that is not exact in the
    currency.
    """
    return _ordered(_run(AMOUNT_RULES, claim_case(claim, basis)))


def _run(rules: Iterable[Rule], case: Case) -> list[Finding]:
    return [finding for rule in rules for finding in rule(case)]


def _returns(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.RETURN for finding in findings)


def _materials(case: Case) -> Decimal | None:
    read = inputs.materials_of(case)
    return read if isinstance(read, Decimal) else None


def _text(case: Case, field: str) -> str:
    cell = case.returned.summary.get(field)
    return "" if cell is None or cell.blank else cell.text.strip()


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sorted, each place and code once. The sort is stable: within a row the order of the rules stays."""
    distinct: dict[tuple[str, str, str, str], Finding] = {}
    for finding in findings:
        distinct.setdefault((finding.code, finding.sheet, finding.cell, finding.line), finding)
    return tuple(sorted(distinct.values(), key=_place))


def _place(finding: Finding) -> tuple[int, bool, int]:
    digits = re.search(r"\d+$", finding.cell)
    row = int(digits.group()) if digits else 0
    return _IMPORTANCE[finding.severity], bool(finding.line), row

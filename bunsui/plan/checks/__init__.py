"""Findings about a plan: one analyzer a file, each with one stable code.

Rule: a check looks at a plan and gives findings; it changes nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.checks import destructive, outside_change, permissions, unbounded, unreadable
from bunsui.plan.model import Plan

CHECKS: Mapping[str, Callable[[Plan], Iterable[Diagnostic]]] = {
    destructive.CODE: destructive.check,
    permissions.CODE: permissions.check,
    outside_change.CODE: outside_change.check,
    unreadable.CODE: unreadable.check,
    unbounded.CODE: unbounded.check,
}
"""Every check by its code."""

ACCEPT = "accept"
"""The rule that silences a code."""


def run_checks(plan: Plan, rules: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Run every check that the project's rules do not accept, with the severities that they set."""
    found: list[Diagnostic] = []
    for code, check in CHECKS.items():
        rule = rules.get(code)
        if rule == ACCEPT:
            continue
        findings = check(plan)
        found.extend(findings if rule is None else (replace(item, severity=Severity(rule)) for item in findings))
    return tuple(found)

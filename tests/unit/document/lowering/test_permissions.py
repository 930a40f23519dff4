"""`permissions` of an operation or a pipeline: what is kept, refused, and asked about."""

from __future__ import annotations

import pytest

from tests.checked_text import findings_of_text

_PIPELINE = """\
version: 1
name: p
permissions: [{actions: ["ACTION"], resources: ["*"]}]
jobs: {a: {type: wait, for: 1m, permissions: [{actions: ["ACTION"], resources: ["*"]}]}}
"""


def told(action: str) -> list[tuple[str, str]]:
    return [(one.code, one.hint) for one in findings_of_text(_PIPELINE.replace("ACTION", action))]


@pytest.mark.parametrize("action", ["kms:Decrypt", "glue:*", "iam:PassRole", "sts:AssumeRole"])
def test_what_iam_has_may_be_said(action: str) -> None:
    assert told(action) == []


@pytest.mark.parametrize("action", ["iam:CreateRole", "organizations:LeaveOrganization", "iam:*"])
def test_nobody_is_allowed_to_change_who_may_do_what(action: str) -> None:
    assert [code for code, _ in told(action)] == ["BS282", "BS282"]


def test_what_iam_has_not_is_told_with_what_was_meant() -> None:
    assert told("kms:Decypt") == [("BS281", "Did you mean kms:Decrypt?")] * 2

"""A saved plan is read back from its file, or refused with what is wrong; what was edited never passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bunsui.errors import BunsuiError, InvalidInput
from bunsui.plan.digest import rows_digest
from bunsui.plan.model import Action
from bunsui.plan.saved.planfile import LONGEST_BYTES, plan_document, saved_plan
from bunsui.plan.saved.saved_plan import checksum

FILE = Path(__file__).parents[3] / "cases" / "planfile" / "v1.json"


def document() -> dict[str, Any]:
    return plan_document(FILE.read_bytes())


def signed(found: dict[str, Any]) -> dict[str, Any]:
    """Return the document as somebody would sign it who knows how."""
    rows = [
        (one["address"], one["action"], one["before_hash"], one["after_hash"])
        for one in found["changes"]
        if one["action"] != "no-op"
    ]
    found = {**found, "digest": rows_digest(rows)}
    return {**found, "checksum": checksum(found)}


def why(found: dict[str, Any]) -> str:
    with pytest.raises(BunsuiError) as refused:
        saved_plan(found)
    return str(refused.value.facts.get("why", refused.value.code))


def test_everything_that_an_apply_asks_is_read() -> None:
    found, whole = saved_plan(document()), document()
    for name in ("id", "project", "project_id", "environment", "account", "region", "commit", "refresh", "at_once", "digest"):
        assert getattr(found, name) == whole[name], name
    assert found.desired == whole["desired_digest"]
    assert found.as_of.isoformat() == whole["as_of"]
    assert (found.mark.lineage, found.mark.serial) == (whole["state"]["lineage"], whole["state"]["serial"])
    assert found.select == (tuple(whole["select"]) if whole["select"] is not None else None)
    pending = [one for one in whole["changes"] if one["action"] != "no-op"]
    told = [(str(one.address), one.action.value, one.before, one.after, one.revision) for one in found.changes]
    assert told == [(one["address"], one["action"], one["before_hash"], one["after_hash"], one["revision"]) for one in pending]
    assert not any(one.action is Action.NO_OP for one in found.changes)


def test_what_is_signed_anew_is_read_too_and_what_is_not_is_refused() -> None:
    kept = saved_plan(document())
    assert replace(saved_plan(signed(document())), digest=kept.digest) == kept, "digests of before pipelines had their own, too"
    other = {**document(), "commit": "other"}
    assert why(other) == "its checksum does not fit what it says"
    assert saved_plan(signed(other)).commit == "other"
    false = {**document(), "digest": "0" * 64}
    assert why({**false, "checksum": checksum(false)}) == "its checksum does not fit what it says"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda found: found.pop("checksum"), "it has no checksum: save the plan with `bunsui plan --out FILE`"),
        (lambda found: found.pop("format_version"), "it has no format_version"),
        (lambda found: found.update(format_version=0), "it has no format_version"),
        (lambda found: found.update(format_version="1"), "it has no format_version"),
        (lambda found: found.pop("account"), "account"),
        (lambda found: found.update(serial=1, state={"lineage": "x"}), "serial"),
        (lambda found: found.update(as_of="yesterday"), "as_of"),
        (lambda found: found.update(refresh="none"), "refresh"),
        (lambda found: found.update(basis={"revision": "main"}), "basis"),
    ],
)
def test_what_a_file_lacks_is_said(change: Callable[[dict[str, Any]], object], words: str) -> None:
    found = document()
    change(found)
    if "checksum" in found and "changes" in found:
        found = {**found, "checksum": checksum(found)}
    assert words in why(found)


@pytest.mark.parametrize(
    ("name", "is_read"), [("a", True), ("a" * 64, True), ("a" * 65, False), ("", False), ("a b", False), ("../a", False)]
)
def test_an_id_is_a_short_word(name: str, is_read: bool) -> None:
    found = signed({**document(), "id": name})
    if is_read:
        assert saved_plan(found).id == name
    else:
        assert why(found) == "id: should be up to 64 letters, digits and hyphens"


def test_a_file_is_read_up_to_its_longest() -> None:
    content = json.dumps({"a": "b"}).encode()
    assert plan_document(content + b" " * (LONGEST_BYTES - len(content))) == {"a": "b"}
    for bad, words in (
        (content + b" " * (LONGEST_BYTES - len(content) + 1), "too large"),
        (b"[]", "no JSON object"),
        (b"{", "it is not JSON"),
    ):
        with pytest.raises(InvalidInput) as refused:
            plan_document(bad)
        assert words in refused.value.facts["why"]
        assert refused.value.code == "not-a-plan"


def test_what_stands_in_no_digest_changes_the_checksum_all_the_same() -> None:
    found = document()
    assert checksum(found) == found["checksum"] == checksum({key: value for key, value in found.items() if key != "checksum"})
    assert checksum({**found, "more": 1}) != found["checksum"]
    assert checksum(dict(reversed(found.items()))) == found["checksum"]

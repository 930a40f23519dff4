"""Which place an entry of `lifecycle.ignore` means, and what is said of one that means none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bunsui.compile.lifecycle import with_lifecycle
from bunsui.diagnostics import Position, Severity
from bunsui.kinds.registry import kinds
from bunsui.model.address import Address
from bunsui.model.lifecycle import IgnoredPlace, IgnoreRule
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import DesiredResource

PLACE = Position("p.yaml", 9, 3)
DEFINITION = {
    "StartAt": "a",
    "States": {
        "a": {"Type": "Wait", "Seconds": 1, "Next": "a.b"},
        "a.b": {"Type": "Map", "ItemProcessor": {"StartAt": "in", "States": {"in": {"Type": "Pass"}}}},
        "abc": {"Type": "Odd", "Mine": 1},
    },
}


def laid(*texts: str, definition: Any = DEFINITION) -> tuple[dict[str, tuple[IgnoredPlace, ...]], list[tuple[str, str]]]:
    """Return the places of each kind, and what is said of the entries that name none."""
    rules = tuple(IgnoreRule(text=text, position=PLACE) for text in texts)
    pipeline = Pipeline(name="p", path="p.yaml", jobs=())
    said = replace(pipeline, lifecycle=replace(pipeline.lifecycle, ignore=rules, prevent_destroy=True, keep_versions=4))
    resources = [
        DesiredResource(address=Address(kind, "p"), physical_name="x", attributes={"definition": definition})
        for kind in kinds()
    ]
    found, findings = with_lifecycle(said, resources)
    assert [one.address for one in found] == [one.address for one in resources]
    assert {(one.lifecycle.prevent_destroy, one.lifecycle.protect, one.lifecycle.keep_versions) for one in found} == {
        (True, False, 4)
    }
    assert {(one.code, one.severity, one.position) for one in findings} <= {("BS440", Severity.ERROR, PLACE)}
    places = {one.address.kind: one.lifecycle.ignore for one in found if one.lifecycle.ignore}
    return places, [(one.summary, one.hint) for one in findings]


@pytest.mark.parametrize(
    ("text", "kind", "attribute", "path"),
    [
        ("logging", "state_machine", "logging", ()),
        ("logging.level", "state_machine", "logging", ("level",)),
        ("tracing", "state_machine", "tracing", ()),
        ("states.a", "state_machine", "definition", ("a",)),
        ("states.a.Seconds", "state_machine", "definition", ("a", "Seconds")),
        ("states.a.Comment", "state_machine", "definition", ("a", "Comment")),
        ("states.a.b", "state_machine", "definition", ("a.b",)),
        ("states.a.b.MaxConcurrency", "state_machine", "definition", ("a.b", "MaxConcurrency")),
        ("states.a.b.Retry.0", "state_machine", "definition", ("a.b", "Retry", "0")),
        ("states.in", "state_machine", "definition", ("in",)),
        ("states.abc.Mine", "state_machine", "definition", ("abc", "Mine")),
        ("function.environment", "lambda_function", "environment", ()),
        ("function.environment.A.B", "lambda_function", "environment", ("A.B",)),
        ("function.memory_mb", "lambda_function", "memory_mb", ()),
        ("log_group.retention_days", "log_group", "retention_days", ()),
        ("role.policy", "role", "policy", ()),
        ("alert_rule.pattern.detail.x", "alert_rule", "pattern", ("detail", "x")),
    ],
)
def test_an_entry_means_a_place_of_one_kind(text: str, kind: str, attribute: str, path: tuple[str, ...]) -> None:
    assert laid(text) == ({kind: (IgnoredPlace(attribute=attribute, path=path),)}, [])


@pytest.mark.parametrize(("text", "path"), [("tags", ()), ("tags.cost", ("cost",)), ("tags.cost.centre", ("cost.centre",))])
def test_tags_are_those_of_everything_that_has_some(text: str, path: tuple[str, ...]) -> None:
    tagged = {name for name, kind in kinds().items() if any(attribute.name == "tags" for attribute in kind.attributes)}
    assert laid(text) == (dict.fromkeys(tagged, (IgnoredPlace(attribute="tags", path=path),)), [])


@pytest.mark.parametrize(
    ("text", "summary", "hint"),
    [
        ("loging", "loging names nothing that a state machine has", "Did you mean logging?"),
        ("function.memory", "function.memory names nothing that a function has", "Did you mean function.memory_mb?"),
        ("retention_days", "retention_days names nothing that a state machine has", "Did you mean log_group.retention_days?"),
        ("alias", "alias cannot be left to others: what they make of it cannot be written back", ""),
        ("role.policy.Statement", "policy is one value: nothing below it can be left to others", ""),
        ("tracing.mode", "tracing is one value: nothing below it can be left to others", ""),
        (
            "definition.a",
            "definition is one value: nothing below it can be left to others; its states are named by states.STATE",
            "",
        ),
        ("logging.levels", "logging has no levels", "Did you mean level?"),
        ("states.z", "the definition has no state z", ""),
        ("states", "the definition has no state nothing", ""),
        ("states.a.Second", "the state a has no field Second", "Did you mean Seconds?"),
        ("states.ab", "the definition has no state ab", ""),
    ],
)
def test_an_entry_that_means_nothing_is_told_with_what_was_probably_meant(text: str, summary: str, hint: str) -> None:
    places, ((found, advice),) = laid(text)
    assert (places, found) == ({}, summary)
    assert advice.startswith(hint or ("There are " if "no state" in summary else ""))
    assert bool(advice) is ("cannot be" not in summary and "one value" not in summary)


def test_what_cannot_be_meant_is_named_up_to_twelve() -> None:
    _, ((_, hint),) = laid("qqqqqqqq")
    assert hint.startswith("There are ")
    assert len(hint.split(", ")) == 12


def test_each_entry_is_looked_at_by_itself() -> None:
    places, findings = laid("tracing", "qqqqqqqq", "logging", definition="no definition")
    assert places == {"state_machine": (IgnoredPlace(attribute="tracing"), IgnoredPlace(attribute="logging"))}
    assert len(findings) == 1
    assert laid("states.a", definition=None)[1][0][0] == "the definition has no state a"

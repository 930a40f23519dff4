"""Hostile text in every string that AWS or the files can give a plan: nothing raw on any face, no markup, no mention."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bunsui.codec.writing import to_json
from bunsui.model.resource import ActualResource
from bunsui.plan.model import Plan
from bunsui.view.documents.plan import plan_document
from bunsui.view.plan.comment import plan_markdown
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.spans import plain
from tests.fakes.project import Project, a_pipeline
from tests.faults.amount import some
from tests.faults.conftest import Figure

HOSTILE = (
    "\x1b[31mred",
    "\x9b2Jx",
    "\x1b]8;;https://evil.example\x07link",
    "\x1b]52;c;cGFzdGU=\x07x",
    "a\u202eb\u2066c",
    "[@click=app.quit]x[/] [red]",
    "```\n# out of the block",
    "`````` @all",
    "<script>alert(1)</script>",
    "<!-- @octocat -->",
    "a\r\x00b\u2028c",
)
RAW = ("\x1b", "\x9b", "\x07", "\x00", "\r", "\u202e", "\u2066", "\u2028")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    elif isinstance(value, str):
        yield path


def with_leaf(value: Any, path: tuple[Any, ...], new: str) -> Any:
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        return {key: with_leaf(item, rest, new) if key == first else item for key, item in value.items()}
    return [with_leaf(item, rest, new) if index == first else item for index, item in enumerate(value)]


def harmless(plan: Plan) -> None:
    for context in (0, 3):
        shown = plain(plan_lines(plan_view(plan, context=context)))
        assert not [character for character in RAW if character in shown]
    comment = plan_markdown(plan_view(plan))
    assert not [character for character in RAW if character in comment]
    outside = outside_of_blocks(comment)
    assert "<script" not in outside
    assert "<!-- @" not in outside
    assert "@all" not in outside
    assert "@octocat" not in outside
    printed = json.dumps(to_json(plan_document(plan)))
    assert not [character for character in RAW if character in printed]


def outside_of_blocks(comment: str) -> str:
    """The text that is read as markup: whatever stands in no fenced block; each block must end."""
    outside: list[str] = []
    fence = ""
    for line in comment.split("\n"):
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if not fence and len(ticks) >= 3:
            fence = ticks
        elif fence and line.rstrip() == fence:
            fence = ""
        elif not fence:
            outside.append(line)
    assert not fence
    return "\n".join(outside)


def applied() -> Project:
    project = Project()
    project.converge(a_pipeline("orders"))
    return project


@pytest.mark.parametrize("text", some(HOSTILE, every=4), ids=ascii)
def test_what_aws_gives_is_harmless_in_every_field(figure: Figure, text: str) -> None:
    tried = 0
    for key, found in applied().account.objects.items():
        for path in [*leaves(found.attributes), ("tags", "evil")]:
            project = applied()
            attributes = (
                with_leaf(dict(found.attributes), path, text)
                if path[-1] != "evil"
                else {**found.attributes, "tags": {text: text}}
            )
            project.account.objects[key] = moved(found, attributes)
            plan = project.plan(a_pipeline("orders", seconds=9))
            assert plan.pending
            harmless(plan)
            tried += 1
    assert tried > 10
    figure("14 hostile strings", f"{text!a}: {tried} fields of what AWS gives, harmless as text, comment and JSON")


@pytest.mark.parametrize("text", some(HOSTILE, every=4), ids=ascii)
def test_what_the_files_say_is_harmless_in_every_field(text: str) -> None:
    project = applied()
    for item in a_pipeline("orders"):
        for path in leaves(item.attributes):
            changed = replace(item, attributes=with_leaf(dict(item.attributes), path, text))
            desired = tuple(changed if other.address == item.address else other for other in a_pipeline("orders"))
            harmless(replace(project.plan(desired), commit=text))


def moved(found: ActualResource, attributes: Mapping[str, Any]) -> ActualResource:
    return replace(found, attributes=attributes, revision=f"{found.revision} moved")

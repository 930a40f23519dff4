"""`ignore.tags`: tags that others give are no drift and are never removed; ours that its patterns fit are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.codec.writing import to_json
from bunsui.model.lifecycle import IgnoredPlace
from bunsui.plan.ignore_rules import with_ignored_places
from bunsui.plan.model import Action, Plan, Reason
from bunsui.services.overview.drift import find_drift
from bunsui.view.documents.status import drift_document
from bunsui.view.drift_view import drift_lines
from tests.fakes.workspace import Workspace, a_workspace

RULE = 'ignore: {tags: ["aws:*", "cost:*", "owner"]}\n'
THEIRS = {"cost:center": "4711", "owner": "finance"}
PIPELINE = "pipelines/etl.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    made = a_workspace(tmp_path)
    made.edit(PIPELINE, "name: etl", "name: etl\ntags: {team: data}")
    assert made.apply().failed == 0
    return made


def give(project: Workspace, tags: Mapping[str, str]) -> int:
    """Tag everything that can have tags, as a tool of the organisation does; return how many there are."""
    count = 0
    for key, item in list(project.account.objects.items()):
        if "tags" in item.attributes:
            own = item.attributes["tags"]
            assert isinstance(own, Mapping)
            project.account.change(*key, tags={**own, **tags})
            changed = project.account.objects[key]
            project.account.objects[key] = replace(changed, tags={**changed.tags, **tags})
            count += 1
    return count


def say(project: Workspace, text: str = RULE) -> None:
    path = project.folder / "bunsui.yaml"
    path.write_text(f"{path.read_text().rstrip()}\n{text}")


def plan_of(project: Workspace) -> Plan:
    outcome = project.plan()
    assert outcome.plan is not None, outcome.diagnostics
    return outcome.plan


def tags_of(project: Workspace) -> list[object]:
    return [item.attributes["tags"] for item in project.account.objects.values() if "tags" in item.attributes]


def test_tags_of_others_are_drift_without_the_rule(project: Workspace) -> None:
    count = give(project, THEIRS)
    assert all(change.drift for change in plan_of(project).pending)
    assert len(find_drift(project.repository, project.ports).drifted) == count


def test_what_the_rule_fits_is_no_drift_from_the_moment_that_it_is_written(project: Workspace) -> None:
    count = give(project, THEIRS)
    say(project)

    assert {(change.action, change.reason) for change in plan_of(project).pending} == {(Action.ADOPT, Reason.RULES)}
    report = find_drift(project.repository, project.ports)

    assert report.drifted == ()
    assert len(report.ignored_tags) == count
    text = "\n".join(line.text for line in drift_lines(report))
    assert f"{2 * count} tags are ignored by ignore.tags: cost:center, owner" in text
    told = to_json(drift_document(report))["ignored_tags"]
    assert isinstance(told, Mapping)
    assert list(told.values()) == [["cost:center", "owner"]] * count


def test_after_an_apply_the_plan_is_empty_and_the_tags_are_there(project: Workspace) -> None:
    say(project)
    project.apply()
    give(project, THEIRS)
    assert not plan_of(project).pending

    project.edit(PIPELINE, "tags: {team: data}", "tags: {team: other}")
    assert project.apply().failed == 0

    assert not plan_of(project).pending
    for tags in tags_of(project):
        assert isinstance(tags, Mapping)
        assert dict(tags) == {**THEIRS, "team": "other"}


def test_another_tag_beside_them_is_drift(project: Workspace) -> None:
    say(project)
    project.apply()
    give(project, {**THEIRS, "costly": "yes"})
    drifted = find_drift(project.repository, project.ports).drifted
    assert {str(item.path[-1]) for change in drifted for item in change.drift} == {"costly"}


def test_the_rule_holds_when_the_file_is_gone(project: Workspace) -> None:
    say(project)
    project.apply()
    give(project, THEIRS)
    (project.folder / PIPELINE).unlink()
    init = project.folder / "pipelines/other.yaml"
    init.write_text("version: 1\nname: other\njobs: {a: {type: wait, for: 1s}}\n")
    assert {change.reason for change in plan_of(project).pending} <= {Reason.REMOVED, Reason.NEW}


def test_a_tag_of_ours_that_belongs_to_others_is_refused_at_its_place(project: Workspace) -> None:
    say(project, "ignore: {tags: [te*]}\n")
    outcome = project.plan()
    assert outcome.plan is None
    (found,) = outcome.diagnostics
    assert (found.code, found.position and found.position.file) == ("BS600", PIPELINE)
    assert found.summary.startswith("the tag team is left to others by ignore.tags")
    assert "te*" in found.hint


def test_a_star_fits_any_characters_of_a_name_and_nothing_else_is_special() -> None:
    place = (IgnoredPlace(attribute="tags", path=("a*.b",)),)
    kept = with_ignored_places("role", {"tags": {"a.b": "ours", "axb": "1"}}, {"tags": {"a-9.b": "theirs", "c": "2"}}, place)
    assert kept["tags"] == {"axb": "1", "a-9.b": "theirs"}

"""The roles that are derived for pipelines permit what they do, and nothing that they do not need."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from enum import Enum, auto
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from bunsui.emulator.launcher import control
from bunsui.emulator.launcher.folder import Announcement, DataFolder, read_announcement
from bunsui.emulator.launcher.judged_calls import RoleCall, read_judged
from bunsui.emulator.launcher.launcher import LocalEndpoint
from tests.e2e.roles import ANSWERS, ENDS, all_pipelines
from tests.e2e.roles.others import empty, fill
from tests.e2e.roles.place import Applied
from tests.e2e.roles.unshown import NOT_JUDGED, UNSHOWN, UNSHOWN_OF

pytestmark = pytest.mark.embedded

PIPELINES = all_pipelines()
LONG = {"ecs-task", "lambda"}
"""Those that take longer than a test of the ordinary suite may."""
DRAWN = random.Random(os.environ.get("BUNSUI_DRAW", "")).sample(sorted(set(PIPELINES) - LONG), 2)
"""Those that the ordinary suite looks at; every one by `make test-slow`."""


@pytest.fixture(scope="module")
def running(embedded: LocalEndpoint, embedded_folder: Path) -> Iterator[Announcement]:
    """The embedded AWS while it runs the commands of containers, and answers what it does not serve."""
    found = read_announcement(DataFolder(embedded_folder.resolve()))
    assert found is not None
    assert control.set_containers(found, "process")
    assert control.set_answers(found, ANSWERS)
    yield found
    assert control.set_answers(found, {})
    assert control.set_containers(found, "none")


def applied(name: str, folder: Path, embedded: LocalEndpoint) -> Applied:
    place = Applied(folder / "project", embedded, name, PIPELINES[name])
    place.begin()
    return place


def calls_of(running: Announcement, place: Applied) -> list[RoleCall]:
    """Return what was judged of the calls of the pipeline's roles."""
    judged = read_judged(running)
    assert judged is not None
    return [one for one in judged.calls if one.role.rpartition("/")[2] in place.roles and place.account in one.role]


class Objects(Enum):
    """Whether what others have in buckets is there."""

    THERE = auto()
    GONE = auto()
    """Of an object that is missing, S3 says so only to whoever may list its bucket."""


def with_objects(place: Applied, objects: Objects) -> str:
    """Return how the pipeline ends with the objects of others, or without."""
    if objects is Objects.THERE:
        return place.outcome()
    empty(place.there)
    try:
        return place.outcome()
    finally:
        fill(place.there)


def is_unshown(name: str, action: str) -> bool:
    """Tell whether nothing on a laptop shows that this pipeline lacks the action, so that no run is spent on it."""
    return action in UNSHOWN or any(pipeline == name and fnmatchcase(action, pattern) for pipeline, pattern in UNSHOWN_OF)


def test_there_are_pipelines_of_every_type_and_more() -> None:
    assert len(PIPELINES) >= 25


@pytest.mark.parametrize("name", DRAWN)
def test_a_derived_role_permits_all_that_is_called(
    name: str, running: Announcement, embedded: LocalEndpoint, tmp_path: Path
) -> None:
    place = applied(name, tmp_path, embedded)
    assert place.outcome().startswith(ENDS.get(name, "SUCCEEDED"))
    calls = calls_of(running, place)
    assert [one for one in calls if one.outcome == "refused"] == []
    assert {one.action for one in calls if one.outcome == "not judged"} <= set(NOT_JUDGED)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", sorted(PIPELINES))
def test_each_part_of_a_derived_role_is_missed(
    name: str, running: Announcement, embedded: LocalEndpoint, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    place = applied(name, tmp_path, embedded)
    green = place.outcome()
    assert green.startswith(ENDS.get(name, "SUCCEEDED"))
    ended = {Objects.THERE: green, Objects.GONE: with_objects(place, Objects.GONE)}
    missed: dict[tuple[str, str], bool] = {}
    unshown = 0
    for part in place.parts():
        if is_unshown(name, part.action):
            unshown += 1
            continue
        place.permit(part.role, part.others)
        objects = Objects.GONE if part.action == "s3:ListBucket" else Objects.THERE
        is_missed = with_objects(place, Objects.THERE) != green or with_objects(place, objects) != ended[objects]
        missed[part.action, part.resource] = missed.get((part.action, part.resource), False) or is_missed
        place.permit(part.role, place.roles[part.role])
    record_property("missed", sum(missed.values()))
    record_property("unshown", unshown)
    assert [part for part, is_missed in missed.items() if not is_missed] == []

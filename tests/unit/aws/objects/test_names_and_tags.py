"""The laws by which providers find their objects and read their marks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bunsui.aws.objects.observed import revision_of
from bunsui.aws.objects.tags import kept_by_aws, tag_change, users_own
from bunsui.aws.providers.schedule import description_with, marks_in
from bunsui.kinds.naming import name_prefix
from bunsui.model.address import Address
from bunsui.model.names import (
    FUNCTION_NAME_LIMIT,
    ID_PATTERN,
    ROLE_NAME_LIMIT,
    SCHEDULE_NAME_LIMIT,
    STATE_MACHINE_NAME_LIMIT,
    is_id,
    resource_name,
)
from bunsui.model.resource import Scope

IDS = st.from_regex(ID_PATTERN, fullmatch=True).filter(is_id)
TAGS = st.dictionaries(st.sampled_from(["bunsui:project", "aws:x", "team", "cost", "名"]), st.text(max_size=5))
LIMITS = st.sampled_from([ROLE_NAME_LIMIT, FUNCTION_NAME_LIMIT, SCHEDULE_NAME_LIMIT, STATE_MACHINE_NAME_LIMIT])


@given(IDS, IDS, IDS, LIMITS)
def test_every_name_of_a_scope_begins_with_its_prefix(project: str, environment: str, pipeline: str, limit: int) -> None:
    scope = Scope(project=project, environment=environment, account="0" * 12, region="eu-west-1")
    assert resource_name(project, environment, pipeline, limit=limit).startswith(name_prefix(scope))


@given(IDS, IDS, IDS, IDS)
def test_the_marks_in_a_schedules_description_are_its_ownership_tags(
    project: str, environment: str, pipeline: str, schedule: str
) -> None:
    tags = Scope(project=project, environment=environment, account="0" * 12, region="eu-west-1").tags(
        Address("schedule", pipeline, schedule)
    )
    description = description_with({**tags, "team": "data"})
    assert len(description) <= 512
    assert marks_in(description) == tags


def test_a_description_of_somebody_else_has_no_marks() -> None:
    assert marks_in("Starts the nightly job") == {}


@given(TAGS, TAGS)
def test_a_tag_change_leads_from_one_set_to_the_other_and_keeps_those_of_aws(
    before: dict[str, str], after: dict[str, str]
) -> None:
    change = tag_change(before, after)
    result = {**{key: value for key, value in before.items() if key not in change.removed}, **change.added}
    kept = {key: value for key, value in before.items() if key.startswith("aws:")}
    assert result == {**kept, **after}


def test_the_users_tags_are_those_of_neither_bunsui_nor_aws() -> None:
    assert users_own({"team": "data", "bunsui:project": "shop", "aws:cloudformation:stack-name": "x"}) == {"team": "data"}


@given(TAGS)
def test_every_tag_is_of_aws_of_bunsui_or_the_users(tags: dict[str, str]) -> None:
    own = {name for name in tags if name.startswith("bunsui:")}
    parts = (own, kept_by_aws(tags), users_own(tags))
    assert sorted(name for part in parts for name in part) == sorted(tags)


def test_a_revision_does_not_depend_on_the_order_of_keys() -> None:
    assert revision_of({"a": 1, "b": {"c": 1, "d": 2}}, {}) == revision_of({"b": {"d": 2, "c": 1}, "a": 1}, {})
    assert revision_of({"a": 1}, {"arn": "x"}) != revision_of({"a": 1}, {"arn": "y"})

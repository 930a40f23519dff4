"""Names of buckets: what S3 takes, the same every time, and nobody else's."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.bucket import BUCKET_NAME_LIMIT, BUCKET_PATTERN, MANAGED, Bucket, bucket_in, managed_name, managed_pattern
from bunsui.model.resource import Scope
from bunsui.model.wildcards import fits

SCOPE = Scope(project="shop", environment="prod", account="111122223333", region="ap-northeast-1", project_id="id-1")
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,31}", fullmatch=True)


def of(scope: Scope) -> Bucket:
    found = bucket_in(scope)
    assert found is not None
    return found


@given(NAMES, st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,63}", fullmatch=True), st.sampled_from(["eu-west-1", "us-gov-west-1"]))
def test_every_project_and_environment_has_a_name_that_s3_takes(project: str, environment: str, region: str) -> None:
    scope = replace(SCOPE, project=project, environment=environment, region=region)
    name = managed_name(scope)
    assert re.fullmatch(BUCKET_PATTERN, name)
    assert len(name) <= BUCKET_NAME_LIMIT
    assert name == managed_name(replace(scope))
    assert fits(managed_pattern(scope).split("*"), name)


def test_no_two_environments_regions_accounts_or_projects_share_a_name() -> None:
    scopes = [
        SCOPE,
        replace(SCOPE, environment="prod-eu"),
        replace(SCOPE, environment="PROD"),
        replace(SCOPE, project="shop-prod", environment="x"),
        replace(SCOPE, project="shop", environment="prod-x"),
        replace(SCOPE, region="eu-west-1"),
        replace(SCOPE, account="444455556666"),
        replace(SCOPE, project_id="id-2"),
    ]
    assert len({managed_name(scope) for scope in scopes}) == len(scopes)


def test_a_given_bucket_is_used_below_a_prefix_of_the_environments_own() -> None:
    given_one = of(replace(SCOPE, bucket="acme-data"))
    assert (given_one.name, given_one.is_managed) == ("acme-data", False)
    assert given_one.resume_prefix("orders") == "bunsui/shop/prod/resume/orders/"
    assert of(replace(SCOPE, bucket=MANAGED)).results_prefix("orders") == "results/orders/"
    assert bucket_in(SCOPE) is None

"""A bucket that somebody else makes is looked at where machines change that read from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bunsui.diagnostics import Severity
from bunsui.document.rules import Rules
from bunsui.errors import AccessDenied, Missing
from bunsui.model.resource import ActualResource
from bunsui.plan.build import with_looked_up
from bunsui.plan.checks.given_bucket import CODE
from bunsui.plan.model import GivenBucket, Plan
from bunsui.refresh.given_bucket import look_at_given_bucket
from tests.fakes.project import Project, a_pipeline

KEY = "arn:aws:kms:eu-west-1:111111111111:key/1234"
OTHER = "arn:aws:kms:eu-west-1:111111111111:key/9999"


@dataclass
class Buckets:
    """What is read of the given bucket; what is raised instead."""

    encryption: object = "AES256"
    problem: Exception | None = None
    is_there: bool = True
    asked: tuple[str, ...] = ()

    def read(self, address: Any, physical_name: str) -> ActualResource | None:
        self.asked = (*self.asked, physical_name)
        if self.problem is not None:
            raise self.problem
        attributes: Any = {"encryption": self.encryption}
        return ActualResource(address=address, physical_name=physical_name, attributes=attributes) if self.is_there else None


def planned(bucket: str = "acme-data", kms_key: str = "") -> Plan:
    plan = Project().plan(a_pipeline("orders"))
    return replace(plan, scope=replace(plan.scope, bucket=bucket, bucket_kms_key=kms_key))


def found(buckets: Buckets, kms_key: str = "") -> list[tuple[Severity, str, str]]:
    plan, provider = planned(kms_key=kms_key), buckets
    known: Any = provider
    whole = with_looked_up(plan, Rules(), given_bucket=look_at_given_bucket(plan, known))
    return [(one.severity, one.summary, one.hint) for one in whole.diagnostics if one.code == CODE]


@pytest.mark.parametrize(
    ("encryption", "named"),
    [
        ("AES256", ""),
        ("AES256", KEY),
        ("aws:kms", ""),
        ("aws:kms:arn:aws:kms:eu-west-1:111111111111:alias/aws/s3", ""),
        (f"aws:kms:{KEY}", KEY),
        ("aws:kms:1234", KEY),
        ("aws:kms:alias/own", KEY),
        (f"aws:kms:dsse:{KEY}", KEY),
    ],
)
def test_what_machines_can_read_is_told_by_no_word(encryption: str, named: str) -> None:
    assert found(Buckets(encryption=encryption), named) == []


@pytest.mark.parametrize(("key", "named", "written"), [(KEY, "", KEY), (KEY, OTHER, KEY), ("alias/own", "", "ARN")])
def test_a_key_that_the_file_does_not_name_is_told_with_the_line_to_write(key: str, named: str, written: str) -> None:
    ((severity, summary, hint),) = found(Buckets(encryption=f"aws:kms:{key}"), named)
    assert severity is Severity.WARNING
    assert summary == f"the bucket acme-data is encrypted with the key {key}, which machines may not use"
    assert hint == f"Write the key's ARN under environments.dev of bunsui.yaml:\n  bucket_kms_key: {written}"


@pytest.mark.parametrize(
    ("buckets", "severity", "words"),
    [
        (Buckets(is_there=False), Severity.WARNING, "is not there"),
        (Buckets(problem=Missing("missing", "gone")), Severity.WARNING, "is not there"),
        (Buckets(problem=AccessDenied("denied", "no")), Severity.INFO, "is encrypted is unknown"),
        (Buckets(encryption=None), Severity.INFO, "is encrypted is unknown"),
    ],
)
def test_a_bucket_that_is_not_there_or_of_which_nobody_can_tell(buckets: Buckets, severity: Severity, words: str) -> None:
    ((told, summary, _),) = found(buckets)
    assert (told, words in summary) == (severity, True)


def test_nothing_is_asked_of_a_bucket_of_ours_of_none_and_where_no_machine_changes() -> None:
    buckets: Any = Buckets()
    nothing = replace(planned(), changes=())
    for plan in (planned("managed"), planned(""), nothing):
        assert look_at_given_bucket(plan, buckets) is None
        assert not [one for one in with_looked_up(plan, Rules(), given_bucket=None).diagnostics if one.code == CODE]
    assert look_at_given_bucket(planned(), None) is None
    assert buckets.asked == ()
    assert look_at_given_bucket(planned(), buckets) == GivenBucket(is_there=True, encryption="AES256")

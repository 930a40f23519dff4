"""What every store of objects promises (`bunsui.ports.objects.ObjectStore`), in memory and on every emulator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers.registry import providers
from bunsui.aws.stores.objects import S3ObjectStore
from bunsui.errors import AccessDenied, Conflict, Missing
from bunsui.model.bucket import MANAGED, Bucket, bucket_in, managed_name
from bunsui.model.resource import Scope
from bunsui.ports.objects import ObjectStore
from bunsui.testkit.objects import MemoryObjectStore
from tests.contracts.conftest import CLOUDS, opened
from tests.contracts.specimens import ZipPackager, specimen

KEY = "resume/orders/1/load.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A store and a bucket in it."""

    store: ObjectStore
    bucket: Bucket


def _bucket(scope: Scope) -> Bucket:
    found = bucket_in(replace(scope, bucket=MANAGED))
    assert found is not None
    return found


@pytest.fixture(params=("memory", *CLOUDS))
def shelf(request: pytest.FixtureRequest) -> Iterator[Shelf]:
    """Each store with an empty bucket."""
    if request.param == "memory":
        bucket = _bucket(Scope(project="shop", environment="prod", account="123456789012", region="eu-west-1"))
        yield Shelf(store=MemoryObjectStore(bucket), bucket=bucket)
        return
    with opened(request.param, request) as cloud:
        made = providers(cloud.connection, identity=StsIdentity(cloud.connection), packager=ZipPackager())["bucket"]
        wanted = specimen("bucket", cloud.scope).resource
        # moto looks at no condition of a Deny
        open_to_all = {"Version": "2012-10-17", "Statement": []}
        made.create(replace(wanted, attributes={**wanted.attributes, "policy": open_to_all}))
        yield Shelf(store=S3ObjectStore(cloud.connection), bucket=_bucket(cloud.scope))


def test_what_was_put_is_got_whole(shelf: Shelf) -> None:
    content = '{"日付": "2026-01-31"}'.encode() * 20_000
    shelf.store.put(shelf.bucket, KEY, content)
    assert shelf.store.get(shelf.bucket, KEY) == content


def test_what_is_put_again_takes_the_place_of_what_was_there(shelf: Shelf) -> None:
    for content in (b"1", b"2", b"2"):
        shelf.store.put(shelf.bucket, KEY, content)
    assert shelf.store.get(shelf.bucket, KEY) == b"2"


def test_an_object_that_is_not_there_is_none(shelf: Shelf) -> None:
    assert shelf.store.get(shelf.bucket, KEY) is None


def test_a_bucket_that_is_not_there_is_missing(shelf: Shelf) -> None:
    absent = replace(shelf.bucket, name=f"{shelf.bucket.name[:40]}-not-there")
    with pytest.raises(Missing):
        shelf.store.get(absent, KEY)
    with pytest.raises(Missing):
        shelf.store.put(absent, KEY, b"{}")


@pytest.mark.parametrize("name", CLOUDS)
def test_a_bucket_that_holds_objects_says_so_and_is_never_removed(name: str, request: pytest.FixtureRequest) -> None:
    with opened(name, request) as cloud:
        made = providers(cloud.connection, identity=StsIdentity(cloud.connection), packager=ZipPackager())["bucket"]
        wanted = specimen("bucket", cloud.scope).resource
        made.create(replace(wanted, attributes={**wanted.attributes, "policy": {"Version": "2012-10-17", "Statement": []}}))
        S3ObjectStore(cloud.connection).put(_bucket(cloud.scope), KEY, b"{}")
        (actual,) = made.read_owned(cloud.scope, ())
        assert actual.holds == "objects"
        with pytest.raises(Conflict) as caught:
            made.delete(actual)
        assert caught.value.code == "bucket-holds-objects"
        assert f"aws s3 rm --recursive s3://{actual.physical_name}" in caught.value.hint
        assert made.read(actual.address, actual.physical_name) is not None


@pytest.mark.embedded
def test_a_name_that_another_account_has_is_refused_and_nothing_is_put_there(request: pytest.FixtureRequest) -> None:
    with opened("embedded", request) as theirs, opened("embedded", request) as ours:
        theirs.outsider("s3").create_bucket(
            Bucket=managed_name(ours.scope), CreateBucketConfiguration={"LocationConstraint": ours.scope.region}
        )
        made = providers(ours.connection, identity=StsIdentity(ours.connection), packager=ZipPackager())["bucket"]
        (actual,) = made.read_owned(ours.scope, [specimen("bucket", ours.scope).desired])
        assert "another account has a bucket of that name" in actual.unreadable
        with pytest.raises(AccessDenied):
            made.create(specimen("bucket", ours.scope).resource)
        with pytest.raises(AccessDenied):
            S3ObjectStore(ours.connection).put(_bucket(ours.scope), KEY, b"{}")

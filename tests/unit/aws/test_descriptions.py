"""Descriptions of services without their prose, and instants read fast: nothing else differs from botocore's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import create_loader
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from bunsui.aws.answers.instants import instant
from bunsui.aws.descriptions import WithoutProse, descriptions


@pytest.mark.parametrize("service", ["stepfunctions", "iam", "lambda", "apigateway"])
def test_only_the_prose_is_missing(service: str) -> None:
    ours = descriptions(None).load_service_model(service, "service-2")
    theirs = create_loader().load_service_model(service, "service-2")

    assert ours == _without_prose(theirs)
    assert ours != theirs


@pytest.mark.parametrize("type_name", ["service-2", "waiters-2"])
def test_the_services_that_are_described_are_those_that_botocore_finds(type_name: str) -> None:
    ours = descriptions(None).list_available_services(type_name)
    theirs = create_loader().list_available_services(type_name)

    assert list(ours) == theirs
    assert len(ours) == len(theirs)
    folders = [folder.name for folder in Path(create_loader().BUILTIN_DATA_PATH).iterdir()]
    strange = ["", ".", "..", "../data/sts", "sts/", "nosuch", None]
    assert {name for name in [*folders, *strange] if name in ours} == set(theirs)


def test_one_service_is_looked_for_without_a_look_at_the_others(tmp_path: Path) -> None:
    (tmp_path / "own" / "2026-01-01").mkdir(parents=True)
    (tmp_path / "own" / "2026-01-01" / "service-2.json").write_text('{"metadata": {}}')
    loader = descriptions(str(tmp_path))
    looked: list[str] = []

    class Watched(WithoutProse):
        def exists(self, file_path: str) -> bool:
            looked.append(file_path)
            return super().exists(file_path)

    loader.file_loader = Watched()
    assert loader.load_service_model("own", "service-2") == {"metadata": {}}
    assert looked == [str(tmp_path / "own" / "2026-01-01" / "service-2")]
    with pytest.raises(UnknownServiceError, match=r"Unknown service: 'nosuch'\. Valid service names are: .*own"):
        loader.load_service_model("nosuch", "service-2")


def test_the_order_of_members_stays_since_requests_are_written_in_it() -> None:
    ours = descriptions(None).load_service_model("iam", "service-2")
    theirs = create_loader().load_service_model("iam", "service-2")

    assert all(
        list(ours["shapes"][name].get("members", ())) == list(shape.get("members", ()))
        for name, shape in theirs["shapes"].items()
    )


def test_a_file_that_is_packed_or_plain_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps({"documentation": "long", "b": {"documentation": {"kept": 1}}}))
    loader = WithoutProse()

    assert loader.exists(str(tmp_path / "one"))
    assert loader.load_file(str(tmp_path / "one")) == {"b": {"documentation": {"kept": 1}}}
    assert not loader.exists(str(tmp_path / "two"))
    assert loader.load_file(str(tmp_path / "two")) is None


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001
def test_an_instant_is_the_one_that_botocore_reads(naive: datetime, hours: int) -> None:
    at = naive.replace(tzinfo=timezone(timedelta(hours=hours)))

    for text in (at.isoformat(), at.astimezone(UTC).isoformat().replace("+00:00", "Z")):
        assert instant(text) == parse_timestamp(text) == at
    assert instant(at.timestamp()) == parse_timestamp(at.timestamp())


@pytest.mark.parametrize("text", ["Wed, 21 Oct 2015 07:28:00 GMT", "1445412480", "1445412480.5"])
def test_any_other_form_is_left_to_botocore(text: str) -> None:
    assert instant(text) == parse_timestamp(text)


def test_an_instant_without_a_zone_is_in_utc() -> None:
    assert instant("2015-10-21T07:28:00") == datetime(2015, 10, 21, 7, 28, tzinfo=UTC)


def test_what_is_no_instant_fails_as_before() -> None:
    with pytest.raises(ValueError, match="Invalid timestamp"):
        instant("yesterday-ish")


def _without_prose(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key != "documentation" or not isinstance(item, str)}
        return {key: _without_prose(item) for key, item in kept.items()}
    return [_without_prose(item) for item in value] if isinstance(value, list) else value

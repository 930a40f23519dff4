"""A list of delays becomes one delay with a backoff, which never waits shorter than the list says."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.diagnostics import Diagnostic
from bunsui.document.load import load_pipelines
from bunsui.document.project_reading import read_project
from bunsui.model.pipeline import Retry
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from tests.fakes.source import FilesInMemory

_PROJECT = read_project("bunsui.yaml", b'version: 1\nproject: cases\nid: 00000000-cases\npipelines: ["pipeline*.yaml"]\n')
_SCOPE = Scope(project="cases", environment="local", account="000000000000", region="us-east-1")


def lowered(retry: str, defaults: str = "") -> tuple[Retry | None, tuple[Diagnostic, ...]]:
    text = f"version: 1\nname: p\n{defaults}jobs:\n  a: {{type: lambda, function: 'f:1', retry: {retry}}}\n"
    documents = load_pipelines(
        FilesInMemory({"pipeline.yaml": text}), _PROJECT.project("local"), registry=builtin_registry(), scope=_SCOPE
    )
    made = [operation.retry for pipeline in documents.pipelines for operation in pipeline.jobs[0].operations]
    return (made[0] if made else None), tuple(one for one in documents.diagnostics if one.code.startswith(("BS1", "BS3")))


def waits(retry: Retry, count: int) -> list[float]:
    """Return the waits as Step Functions makes them, cut to whole seconds as the worst case."""
    longest = retry.max_delay_seconds or math.inf
    return [math.floor(min(retry.delay_seconds * retry.backoff**index, longest) + 1e-9) for index in range(count)]


@given(st.lists(st.integers(min_value=1, max_value=3600), min_size=1, max_size=6))
def test_a_list_is_kept_or_refused_and_never_waited_shorter(delays: list[int]) -> None:
    retry, findings = lowered(f"{{delay: [{', '.join(f'{delay}s' for delay in delays)}]}}")
    if any(finding.is_error for finding in findings):
        assert any("cannot wait as the list says" in finding.summary for finding in findings)
        return
    assert retry is not None
    found = waits(retry, len(delays))
    assert all(wait >= delay for wait, delay in zip(found, delays, strict=True))
    if any(abs(wait - delay) >= 2 for wait, delay in zip(found, delays, strict=True)):
        assert any("it will wait" in finding.summary for finding in findings)


@pytest.mark.parametrize(
    ("delays", "delay", "backoff"),
    [([2, 4, 8], 2, 2.0), ([5, 5, 5], 5, 1.0), ([10, 30, 60], 10, 3.0), ([45, 600], 45, 13.34), ([7], 7, 1.0)],
)
def test_the_least_backoff_that_waits_as_long_is_taken(delays: list[int], delay: int, backoff: float) -> None:
    retry, _ = lowered(f"{{delay: [{', '.join(f'{one}s' for one in delays)}]}}")
    assert retry is not None
    assert (retry.delay_seconds, retry.backoff, retry.attempts) == (delay, backoff, len(delays) + 1)


def test_a_list_beside_jitter_is_told() -> None:
    _, findings = lowered("{delay: [2s, 4s], jitter: true}")
    assert [finding.summary for finding in findings] == ["with jitter each wait is any time up to the one that is listed"]


def test_a_mistake_of_the_defaults_is_told_once_where_it_stands() -> None:
    text = "version: 1\nname: p\ndefaults:\n  retry: {attempts: 3, delay: ten}\njobs:\n"
    text += "".join(f"  {name}: {{type: lambda, function: 'f:1'}}\n" for name in "abc")
    documents = load_pipelines(
        FilesInMemory({"pipeline.yaml": text}), _PROJECT.project("local"), registry=builtin_registry(), scope=_SCOPE
    )
    told = [(str(one.position), one.code) for one in documents.diagnostics if one.is_error]
    assert told == [("pipeline.yaml:4:31", "BS113")]

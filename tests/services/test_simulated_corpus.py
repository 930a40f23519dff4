"""Definitions that people wrote: each is refused, stopped at a task without a mock, or run, and never a surprise."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from bunsui.codec.writing import to_json
from bunsui.errors import BunsuiError
from bunsui.services.simulate import prepare_definition, simulate
from bunsui.view.documents.running.runs import simulation_document
from bunsui.view.sessions.simulation import simulation_lines
from bunsui.view.spans import plain

CORPUS = sorted((Path(__file__).parents[1] / "asl_corpus").glob("*.asl.json"))
REFUSED = ("refused", "definition-invalid")
"""Wrong by the validator, or a template whose Resource is an object that only CloudFormation can fill in."""


def outcome_of(path: Path, *, told: bool) -> str:
    """Simulate the file, with a mock for every task when `told`."""
    prepared = prepare_definition(path.name, path.read_bytes())
    if prepared.machine is None:
        return "refused"
    mocks: dict[str, Any] = (
        {state: {"return": {"Payload": {}, "Body": "{}"}} for state in prepared.machine.tasks} if told else {}
    )
    try:
        found = simulate(prepared.machine, {}, mocks=mocks)
    except BunsuiError as error:
        return error.code
    json.dumps(to_json(simulation_document(found)))
    assert "events, virtual time" in plain(simulation_lines(found, columns=80))
    return found.facts.status


def test_every_definition_of_the_corpus_can_be_simulated_without_mocks() -> None:
    outcomes = Counter(outcome_of(path, told=False) for path in CORPUS)
    assert set(outcomes) <= {"mock-missing", "succeeded", "failed", "timed_out", *REFUSED}, outcomes
    assert sum(outcomes[name] for name in REFUSED) < len(CORPUS) / 10
    assert outcomes["mock-missing"] > len(CORPUS) / 4


def test_every_definition_of_the_corpus_can_be_simulated_with_mocks() -> None:
    outcomes = Counter(outcome_of(path, told=True) for path in CORPUS)
    assert set(outcomes) <= {"succeeded", "failed", "timed_out", *REFUSED}, outcomes
    assert outcomes["succeeded"] > len(CORPUS) / 10

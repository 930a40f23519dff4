"""Published definitions, made by hand in the embedded AWS, imported, planned again: an empty plan and the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.amount import some
from tests.faults.conftest import Figure, MakeRoom
from tests.faults.mortal import Mortal
from tests.strict_requests import lenient

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(3600)]

LAW = "21 an import changes nothing"
CORPUS = sorted((Path(__file__).parents[1] / "asl_corpus").glob("*.asl.json"))
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def test_every_published_machine_has_an_empty_plan_and_its_bytes(room: MakeRoom, figure: Figure) -> None:
    one = room("one", "raw")
    iam, machines = one.by_hand.writer("iam"), one.by_hand.writer("stepfunctions")
    iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="theirs", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
    role = f"arn:aws:iam::{one.account}:role/theirs"
    made: dict[str, bytes] = {}
    for path in some(CORPUS, every=8):
        content, name = path.read_bytes(), f"corpus-{path.name.partition('.')[0]}"
        try:
            with lenient():
                machines.create_state_machine(
                    name=name, definition=content.decode(), roleArn=role, tags=[{"key": "set", "value": "corpus"}]
                )
        except machines.exceptions.InvalidDefinition:
            continue  # as published, with a placeholder where a path or a state's name is to stand
        made[name] = content
    process = Mortal(one.order("import", "--tag", "set=corpus", "--yes"))
    assert process.ended(seconds=600) == 0, process.told()
    kept = [name for name, text in made.items() if (one.folder / "pipelines" / f"{name}.asl.json").read_bytes() == text]
    assert kept == [*made]
    plan = one.plan()
    assert [str(change.address) for change in plan.pending if change.address.pipeline in made] == []
    figure(LAW, f"{len(made)} published machines imported by one command: plan empty, bytes kept")

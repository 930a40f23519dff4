from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.operations.registry import BUILTIN, NEIGHBOURS, builtin_registry


def test_the_registry_knows_the_built_in_types_by_name() -> None:
    registry = builtin_registry()
    assert set(registry) == {
        "lambda",
        "ecs_task",
        "pipeline",
        "step_function",
        "wait",
        "choice",
        "check",
        "approval",
        "athena_query",
        "http",
        "fail",
        "glue_job",
        "sns_publish",
        "sqs_send",
        "dynamodb",
        "s3",
        "aws",
        "asl",
    }
    assert all(registry[name].name == name for name in registry)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("lamda", "lambda"),
        ("Lambda", "lambda"),
        ("ecs-task", "ecs_task"),
        ("fargate", "ecs_task"),
        ("sleep", "wait"),
        ("xyz", None),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(written: str, meant: str | None) -> None:
    assert builtin_registry().suggest(written) == meant


def test_every_neighbour_leads_to_a_type() -> None:
    assert set(NEIGHBOURS.values()) <= set(BUILTIN)


def test_plugins_come_in_beside_the_built_in_types() -> None:
    mine = replace(builtin_registry()["wait"], name="mine")
    registry = builtin_registry().with_types({"mine": mine})
    assert registry["mine"] is mine
    assert registry["lambda"] is builtin_registry()["lambda"]
    assert "mine" not in builtin_registry()
    assert len(registry) == len(builtin_registry()) + 1
    assert registry.suggest("mines") == "mine"


def test_a_name_cannot_be_taken_twice() -> None:
    mine = replace(builtin_registry()["wait"], name="mine")
    with pytest.raises(ValueError, match="built-in"):
        builtin_registry().with_types({"wait": builtin_registry()["wait"]})
    with pytest.raises(ValueError, match="cannot be registered as other"):
        builtin_registry().with_types({"other": mine})
    with pytest.raises(ValueError, match="already"):
        builtin_registry().with_types({"mine": mine}).with_types({"mine": mine})


def test_an_unknown_type_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        builtin_registry()["nothing"]

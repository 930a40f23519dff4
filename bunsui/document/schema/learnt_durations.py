"""The shape of `bunsui.durations.yaml`, from which `schemas/durations-v1.json` is made."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from bunsui.document.schema.pipeline import Described
from bunsui.document.schema.values import Id
from bunsui.model.durations import DURATION_PATTERN

Learnt: TypeAlias = Annotated[
    str, Field(pattern=DURATION_PATTERN.replace("^-?", "^").replace("[0-9]{1,9}", "[1-9][0-9]{0,8}"), examples=["20s", "5m"])
]


class DurationsFile(Described):
    """How long jobs usually take. `bunsui graph --update-estimates` writes it; the compiler arranges jobs by it."""

    version: Literal[1]
    """The version of this format."""
    pipelines: dict[Id, dict[Id, Learnt]] = Field(default_factory=dict)
    """By pipeline the duration of each job. A job that is not here counts as the median of its pipeline's."""

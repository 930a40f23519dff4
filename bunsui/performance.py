"""List the performance shortcuts: what each buys, where it stands, and the one variable that switches all of them off.

A shortcut is code that changes how long or how much memory something takes, and no result. Whoever doubts one runs bunsui with
`BUNSUI_PLAIN=1`: everything is done the plain way. Names separated by commas switch single ones off, to measure them
(`python -m benchmarks.shortcuts`). How AWS is read in few calls is no shortcut but the design of `bunsui.refresh`.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

PLAIN_VARIABLE = "BUNSUI_PLAIN"
"""`1` for all shortcuts off, or the names of those that are; nothing for all on."""
_ALL = "1"


class Shortcut(Enum):
    """A way to be faster or smaller; the value is its name in `BUNSUI_PLAIN`."""

    RARE_COLLECTIONS = "rare-collections"
    ONE_HEAP = "one-heap"
    IMMEDIATE_EXIT = "immediate-exit"
    SUBPROCESS_COMPILER = "subprocess-compiler"
    SHARED_SERVICE_MODELS = "shared-service-models"
    ISO_TIMESTAMPS = "iso-timestamps"
    LIBYAML = "libyaml"
    KEPT_VALIDATORS = "kept-validators"
    JSONATA_STEPS = "jsonata-steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Where a shortcut stands, and what it buys."""

    module: str
    does: str
    """What is done instead of the plain way."""
    buys: str
    """A measured figure."""


GAINS: Mapping[Shortcut, Gain] = {
    Shortcut.RARE_COLLECTIONS: Gain(
        module="bunsui.cli.memory",
        does="looks for garbage after 50,000 new objects instead of 700",
        buys="6 % of the processor time of validating 120 files",
    ),
    Shortcut.ONE_HEAP: Gain(
        module="bunsui.cli.memory",
        does="has all threads share one heap of the C library",
        buys="10 MB of 110 in a plan whose threads read AWS",
    ),
    Shortcut.IMMEDIATE_EXIT: Gain(
        module="bunsui.cli.entry",
        does="ends the process without taking its objects apart",
        buys="0.2 s of 1.7 s of validating 120 files",
    ),
    Shortcut.SUBPROCESS_COMPILER: Gain(
        module="bunsui.project.subprocess_compiler",
        does="compiles 40 files and more in a forked process while this one reads AWS",
        buys="most of 3.7 s of 8.8 s of a plan of 500 pipelines",
    ),
    Shortcut.SHARED_SERVICE_MODELS: Gain(
        module="bunsui.aws.botocore_session",
        does="reads botocore's service models once for all sessions, without their prose",
        buys="34 MB of 81 and 0.4 s of 0.8 s with three sessions",
    ),
    Shortcut.ISO_TIMESTAMPS: Gain(
        module="bunsui.aws.botocore_session",
        does="reads timestamps as ISO 8601 before botocore tries every form",
        buys="0.36 s for 10,000 timestamps, two of each machine and role",
    ),
    Shortcut.LIBYAML: Gain(
        module="bunsui.document.yaml.reader",
        does="reads YAML with libyaml where it is installed",
        buys="0.3 s of 1.8 s of validating 120 files",
    ),
    Shortcut.KEPT_VALIDATORS: Gain(
        module="bunsui.document.schema.check",
        does="makes one JSON Schema validator for each part of the schema, not for each value",
        buys="0.13 ms of each file of a few jobs that is checked",
    ),
    Shortcut.JSONATA_STEPS: Gain(
        module="bunsui.engine.jsonata.program",
        does="evaluates the common steps of JSONata past the library's detours",
        buys="half of 0.36 s of 150 evaluations over 40 rows, with the import of the library",
    ),
}


def uses(shortcut: Shortcut) -> bool:
    """Tell whether the shortcut is on in this process now."""
    said = os.environ.get(PLAIN_VARIABLE)
    return not said or shortcut not in _switched_off(said)


def unknown_shortcuts(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names in the variable that are no shortcut's."""
    return tuple(name for name in _names(environ.get(PLAIN_VARIABLE, "")) if name != _ALL and name not in _BY_NAME)


@lru_cache(maxsize=16)
def _switched_off(said: str) -> frozenset[Shortcut]:
    names = _names(said)
    return frozenset(Shortcut) if _ALL in names else frozenset(_BY_NAME[name] for name in names if name in _BY_NAME)


def _names(said: str) -> tuple[str, ...]:
    return tuple(name for part in said.split(",") if (name := part.strip()))


_BY_NAME = {shortcut.value: shortcut for shortcut in Shortcut}


def set_living_aside() -> None:
    """Look no more for garbage among the objects that are there, where rare collections are on: a large plan stays, and looking
    through it holds a screen up for 0.1 s at a time."""
    if uses(Shortcut.RARE_COLLECTIONS):
        gc.freeze()


def collect_in_small_steps() -> None:
    """Look for garbage after 2,000 new objects, and not among those that are there, where rare collections are on: to look
    through 50,000 of them at once holds a screen up for 0.05 s and more."""
    if uses(Shortcut.RARE_COLLECTIONS):
        gc.set_threshold(2_000, 10, 100)
    set_living_aside()

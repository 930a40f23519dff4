"""The resident of an environment: the small Lambda function that looks at sessions when nobody else does.

What it is told stands in its environment variables, since it has no files of the project: they are written when the project is
compiled (`bunsui.compile.environment.resident`) and read when it starts (`bunsui.resident`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.model.json import Json

VARIABLE = "BUNSUI_RESIDENT"
"""The environment variable that holds `ResidentPlace` as JSON."""
SWEEP_SECONDS = 300
"""Between two looks at everything: events of Step Functions are best effort."""
SWEEP, EVENT = "sweep", "event"
"""What a look was made for, as the function is told under `cause`."""
CODE_PATH, LOCK_PATH = "bunsui", "bunsui/resident/requirements.txt"
"""Where the function's code and its lock lie in what is installed."""
SWEPT = "bunsui-resident"
"""The key by which a line of the function's log is known as the report of a look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentCode:
    """What the function is made of: bunsui itself, as it is installed where the project is compiled."""

    version: str
    """Of bunsui."""
    digest: str
    """Over its files and the lock of what it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentPlace:
    """Where the resident works, as its variable says. Account, region and partition it knows from its own ARN."""

    project: str
    project_id: str
    environment: str
    timezone: str
    version: str
    """The version of bunsui that compiled it."""
    bucket: str = ""
    bucket_kms_key: str = ""
    retention_seconds: int | None = None
    """How long ended sessions are kept; None for ever."""
    channels: Mapping[str, Json] = field(default_factory=dict)
    """Where people are told of alerts, by name: each channel's type with what it needs."""

    def text(self) -> str:
        """Return the variable's value."""
        said = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps({name: value for name, value in said.items() if value not in ("", None, {})}, sort_keys=True)


def read_place(text: str) -> ResidentPlace:
    """Return what a variable's value says; ValueError where it is none."""
    said = json.loads(text)
    if not isinstance(said, Mapping):
        raise ValueError("not an object")
    try:
        return ResidentPlace(**said)
    except TypeError as problem:
        raise ValueError(str(problem)) from problem

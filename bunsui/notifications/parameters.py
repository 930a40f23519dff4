"""An entry of `channels` as the parameters of its type, or what is wrong with it, without any value that stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bunsui.notifications.contract import COMMON_KEYS, ChannelType
from bunsui.notifications.fields import LITERAL_SECRET


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterProblem:
    """What is wrong at one place of an entry."""

    path: tuple[str | int, ...]
    said: str
    is_secret: bool = False
    """True where a secret stands in clear text."""


class WrongParameters(ValueError):
    """An entry that is none of its type."""

    def __init__(self, problems: tuple[ParameterProblem, ...]) -> None:
        """Hold what is wrong."""
        super().__init__("; ".join(problem.said for problem in problems))
        self.problems = problems


def channel_parameters(channel_type: ChannelType, entry: Mapping[str, object]) -> Any:
    """Return the parameters; WrongParameters, with every problem, where they cannot be read."""
    said = {key: value for key, value in entry.items() if key not in COMMON_KEYS}
    adapter: TypeAdapter[Any] = _adapter(channel_type)
    try:
        return adapter.validate_python(said)
    except ValidationError as failed:
        raise WrongParameters(
            tuple(_problem(error) for error in failed.errors(include_input=False, include_url=False))
        ) from None


def parameters_schema(channel_type: ChannelType) -> dict[str, Any]:
    """Return the JSON Schema of the parameters."""
    adapter: TypeAdapter[Any] = _adapter(channel_type)
    return adapter.json_schema(by_alias=True, mode="validation")


@cache
def _adapter(channel_type: ChannelType) -> TypeAdapter[Any]:
    return TypeAdapter(channel_type.params)


def _problem(error: Mapping[str, Any]) -> ParameterProblem:
    text = str(error["msg"]).removeprefix("Value error, ")
    path = tuple(part for part in error["loc"] if isinstance(part, (str, int)))
    name = ".".join(map(str, path))
    said = f"{name} {text}" if text == LITERAL_SECRET or text.startswith("is ") else f"{name}: {text}" if name else text
    return ParameterProblem(path=path, said=said, is_secret=text == LITERAL_SECRET)

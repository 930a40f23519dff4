"""The form of a question to an account, and of its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.aws_account.account import Account
from tests.aws_account.bench import Bench

Answer = Mapping[str, Any]
"""Data of JSON: names of errors, sentences, counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that bunsui relies on and nobody could try without an account."""

    name: str
    asks: str
    relies: str
    """What bunsui does today, and on what evidence."""
    ask: Callable[[Bench], Answer]
    holds: Callable[[Answer], bool]
    """Tell whether the answer is what bunsui relies on."""
    dollars: float = 0.0
    """What asking costs at most, above what rounds to nothing."""


def anonymous(value: Any, account: Account) -> Any:
    """Return an answer as it may be kept: without the account, this run's names, ids of requests, signs of a moment."""
    if isinstance(value, Mapping):
        return {anonymous(key, account): anonymous(entry, account) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [anonymous(entry, account) for entry in value]
    if not isinstance(value, str):
        return value
    text = value.replace(account.number, "111111111111").replace(account.run, "RUN").replace(account.region, "REGION")
    text = _HEX.sub("UUID", text)
    text = _EXTENDED.sub("Extended Request ID: ID", text)
    return _MOMENT.sub("MOMENT", text)


_HEX = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_EXTENDED = re.compile(r"Extended Request ID: [^)\s]+")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")

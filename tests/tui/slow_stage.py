"""A stage whose AWS answers late, throttles now and then, and counts what it is asked for."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar, cast

from bunsui.errors import Throttled
from bunsui.project.repository import Repository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.morning.ports import MorningPorts
from bunsui.sessions.ports import SessionPorts
from bunsui.tui.bridge import Bridge
from tests.tui.stage import Stage

P = TypeVar("P")

CHANGING = {
    "providers": {"create", "update", "delete", "retire"},
    "state": {"ensure", "put", "forget"},
    "ledger": {"swap", "begin", "settle", "open", "close"},
    "execution": {"start", "stop", "redrive"},
    "rows": {"add", "merge"},
    "acts": {"record", "append", "write"},
}
"""The calls of each port that change what somebody else would notice. A row of sessions may be repaired by who looks."""


@dataclass
class Traffic:
    """What goes to the account: each call waits for the answer, and some are refused for now."""

    seconds: float = 0.0
    throttled: float = 0.0
    """The share of calls, 0 to 1."""
    seed: int = 0
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._lock = threading.Lock()
        self._is_calm = threading.Event()

    def calm(self) -> None:
        """Answer at once from now on, also what waits for its answer already."""
        self._is_calm.set()

    def storm(self) -> None:
        """Answer late again."""
        self._is_calm.clear()

    def through(self, name: str, port: P) -> P:
        """Return the port with its calls going through the traffic."""
        return cast("P", _Distant(self, name, port))

    def changes(self) -> dict[tuple[str, str], int]:
        """Return the calls that change something, with how often each was sent."""
        return {call: times for call, times in self.calls.items() if call[1] in CHANGING.get(call[0], ())}

    def send(self, name: str, method: str, call: Callable[[], Any]) -> Any:
        """Let a call go to the account."""
        with self._lock:
            self.calls[name, method] += 1
            is_throttled = not self._is_calm.is_set() and self._chance.random() < self.throttled
        self._is_calm.wait(self.seconds)
        if is_throttled:
            raise Throttled("throttled", "AWS asks to slow down", operation=method)
        return call()


class _Distant:
    """A port behind the traffic."""

    def __init__(self, traffic: Traffic, name: str, port: object) -> None:
        self._traffic, self._name, self._port = traffic, name, port

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if not callable(found):
            return found
        return lambda *given, **named: self._traffic.send(self._name, method, partial(found, *given, **named))


@dataclass
class SlowStage(Stage):
    """The stage, seen over a long line."""

    traffic: Traffic = field(default_factory=Traffic)

    def seen_reconcile(self) -> tuple[Repository, ReconcilePorts]:
        """Open what plans and applies are made with."""
        repository, ports = self.reconcile()
        through = self.traffic.through
        providers = {kind: through("providers", one) for kind, one in ports.providers.items()}
        return repository, replace(ports, providers=providers, state=through("state", ports.state))

    def seen_sessions(self) -> tuple[Repository, SessionPorts]:
        """Open what sessions are read and changed with."""
        repository, ports = self.sessions()
        through = self.traffic.through
        far = replace(
            ports,
            execution=through("execution", ports.execution),
            sessions=through("rows", ports.sessions),
            logs=through("logs", ports.logs),
            acts=replace(ports.acts, log=through("acts", ports.acts.log)),
        )
        return repository, far

    def bridge(self, **more: Any) -> Bridge:
        from bunsui.services.session_context import open_context

        through = self.traffic.through
        morning = MorningPorts(state=through("state", self.state), schedules=through("schedules", self.schedules))
        opened: dict[str, Any] = {
            "open_sessions": lambda: partial(open_context, *self.seen_sessions()),
            "open_reconcile": self.seen_reconcile,
            "open_morning": lambda: morning,
            "now": self.clock.now,
        }
        return Bridge(open_project=self.repository, **{**opened, **more})

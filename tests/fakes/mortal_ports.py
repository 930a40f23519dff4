"""Ports of a process that is killed at its n-th write: before that has its effect, or after. The dead call nothing more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bunsui.ports.ledger import Ledger
from bunsui.refresh.ports import ReconcilePorts

WRITES = ("swap", "begin", "settle", "open", "close", "write", "lead", "update")


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Mortality:
    """Counts the writes, and ends the process at one of them."""

    at: int
    """Which one, from 1; 0 for none."""
    is_after: bool = False
    """True when it still has its effect."""
    calls: int = 0
    is_dead: bool = False

    def passing(self, call: Callable[[], Any]) -> Any:
        if self.is_dead:
            raise Killed
        self.calls += 1
        if self.calls == self.at and not self.is_after:
            self.is_dead = True
            raise Killed
        result = call()
        if self.calls == self.at:
            self.is_dead = True
            raise Killed
        return result


class MortalPort:
    """Passes every attribute on, writes through the mortality."""

    def __init__(self, inner: Any, mortality: Mortality) -> None:
        self._inner = inner
        self._mortality = mortality

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in WRITES:
            return found
        return lambda *given, **named: self._mortality.passing(lambda: found(*given, **named))


def mortal_ports(ports: ReconcilePorts, mortality: Mortality) -> ReconcilePorts:
    """Return the ports of the process that is to die."""

    def mortal(inner: Any) -> Any:
        return MortalPort(inner, mortality)

    ledger = ports.ledger
    return replace(
        ports,
        ledger=Ledger(
            locks=mortal(ledger.locks),
            journal=mortal(ledger.journal),
            log=mortal(ledger.log),
            deployed=mortal(ledger.deployed),
        ),
        providers={kind: mortal(provider) for kind, provider in ports.providers.items()},
        aliases=mortal(ports.aliases) if ports.aliases is not None else None,
    )

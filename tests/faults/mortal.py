"""bunsui as a process of its own that something happens to at one call to AWS: killed, stopped, or kept waiting.

The process is forked (`tests.forking`), so that a whole matrix of deaths takes minutes. It runs the real command line; only the
connection is another one, to an account of its own, and it tells each call of itself.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import termios
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from botocore.session import Session

from bunsui.apply.lease import LeaseTerms
from bunsui.aws.connect import Connection, drops_without
from bunsui.aws.descriptions import descriptions
from bunsui.emulator.access.principals import Keys
from tests.forking import begin, forked
from tests.typed import without_ours

SHORT = LeaseTerms(lease_seconds=1.5, renew_seconds=0.3, margin_seconds=0.6)
"""A lease that a test can wait for, of the same proportions as the real one."""


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What happens to the process, and when. Calls are counted from its first write on, the state's table included."""

    call: int
    moment: str
    """`before`: the executor decided to write, the lease was not asked yet, nothing was sent. `after`: AWS has answered."""
    signal: int
    writes_only: bool = False
    """True to count writes to resources only, not those of the state."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A command and everything around it."""

    folder: Path
    url: str
    region: str
    account: str
    keys: Keys
    capabilities: tuple[str, ...]
    arguments: tuple[str, ...]
    fate: Fate | None = None
    terms: LeaseTerms = SHORT
    write_seconds: float = 0.0
    """How long each write of a resource takes to be answered."""
    read_seconds: float = 0.0
    terminal: str = ""
    """The terminal that the process is at; empty for none, where its output goes to `output`."""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def output(self) -> Path:
        """Where its output goes."""
        return self.folder / "output.txt"

    @property
    def calls(self) -> Path:
        """Where it notes each call, a line before it is sent and another when it was answered."""
        return self.folder / "calls.txt"


MODELS = descriptions(None)
"""Reads the descriptions of AWS's services once for all connections of a process, and of those forked from it."""


def core_session(keys: Keys) -> Session:
    """A botocore session of an account of the embedded AWS that reads nothing of the machine's configuration."""
    unused = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    core = Session(session_vars={"profile": (None, None, None, None), **unused})
    core.register_component("data_loader", MODELS)
    core.set_credentials(keys.access_key, keys.secret_key, keys.token)
    return core


class MortalConnection(Connection):
    """A connection on which the fate of an order is fulfilled."""

    def __init__(self, order: Order) -> None:
        super().__init__(
            region=order.region,
            session=lambda: core_session(order.keys),
            endpoint_url=order.url,
            drops=drops_without(order.capabilities),
        )
        self.order = order
        self._counted = 0
        self._begun = False
        self._own = threading.local()
        """The number of the call that a thread makes; a call is sent and answered in one thread."""
        self._mutex = threading.Lock()
        self._notes = order.calls.open("a", buffering=1)

    def _make_client(self, service: str, *, writes: bool, region: str) -> Any:
        client = super()._make_client(service, writes=writes, region=region)
        told = {"writes": writes, "resource": writes and service != "dynamodb"}

        def before(event_name: str, **_: object) -> None:
            self._before(event_name, **told)

        def sent(event_name: str, **_: object) -> None:
            self._note("sent", event_name, told["resource"])

        def after(event_name: str, **_: object) -> None:
            self._note("answered", event_name, told["resource"])
            self._meet("after", event_name, told["resource"])

        client.meta.events.register_first("before-send.*", before)
        client.meta.events.register_last("before-send.*", sent)
        client.meta.events.register_last("after-call.*", after)
        return client

    def _before(self, event_name: str, *, writes: bool, resource: bool) -> None:
        fate = self.order.fate
        counts = resource or fate is None or not fate.writes_only
        with self._mutex:
            self._begun = self._begun or (writes and counts)
            self._own.number = self._counted if self._begun and counts else -1
            self._counted += self._own.number >= 0
        self._meet("before", event_name, resource)
        seconds = self.order.write_seconds if resource else 0.0 if writes else self.order.read_seconds
        if seconds:
            time.sleep(seconds)

    def _meet(self, moment: str, event_name: str, resource: bool) -> None:
        fate = self.order.fate
        if fate is not None and fate.moment == moment and self._own.number == fate.call:
            self._own.number = -1
            self._note("met", event_name, resource)
            os.kill(os.getpid(), fate.signal)

    def _note(self, what: str, event_name: str, resource: bool) -> None:
        self._notes.write(f"{what} {'write' if resource else 'other'} {event_name.partition('.')[2]}\n")


def put_in(module: ModuleType, name: str, value: object) -> None:
    """Put the value into the module's place of that name, which is there: one that was renamed would change nothing."""
    assert hasattr(module, name), f"{module.__name__} has no {name}"
    setattr(module, name, value)


def live(order: Order) -> None:
    """Be the process of the order, to its end."""
    _settle_down(order)
    from bunsui.cli.main import main
    from bunsui.composition import workspace as bootstrap

    put_in(
        bootstrap, "_connect_embedded", lambda root, asked: MortalConnection(order)
    )  # the one place where the account is chosen
    put_in(bootstrap, "lease_terms", lambda **_: order.terms)  # so that nobody waits for ten seconds
    sys.argv = ["bunsui", *order.arguments]
    main()


def _settle_down(order: Order) -> None:
    """Take folder, environment and standard streams of the order."""
    with contextlib.suppress(OSError):
        os.setsid()
    if order.terminal:
        target = os.open(order.terminal, os.O_RDWR)
        fcntl.ioctl(target, termios.TIOCSCTTY, 0)
    else:
        target = os.open(order.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    environment = without_ours(BUNSUI_ENV="local", COLUMNS="120", TERM="xterm", **order.environment)
    begin(order.folder, environment, (target if order.terminal else 0, target, target))


class Mortal:
    """A running process, seen from outside."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self._process = forked(live, order)

    @property
    def pid(self) -> int:
        pid = self._process.pid
        assert pid is not None
        return pid

    def ended(self, *, seconds: float = 60.0) -> int:
        """Wait for its end, and give the exit code; less than zero for the signal that it died of."""
        self._process.join(seconds)
        code = self._process.exitcode
        if code is None:
            self._process.kill()
            raise AssertionError(f"it did not end within {seconds} s: {self.told()}")
        return code

    @property
    def lives(self) -> bool:
        return self._process.is_alive()

    @property
    def stands_still(self) -> bool:
        """True when it was stopped by a signal."""
        with contextlib.suppress(OSError):
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        return False

    def told(self) -> str:
        """What it printed so far."""
        return self.order.output.read_text() if self.order.output.exists() else ""

    def notes(self, what: str) -> list[str]:
        """The calls that it noted, such as `write iam.CreateRole`, in order."""
        lines = self.order.calls.read_text().splitlines() if self.order.calls.exists() else []
        return [line.partition(" ")[2] for line in lines if line.startswith(what + " ")]

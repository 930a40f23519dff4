"""Judge the embedded AWS of a project, without starting it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bunsui.command_line import command_line
from bunsui.errors import BunsuiError
from bunsui.ports.cloud import Caller
from bunsui.services.doctor.checks import Area, Check, CheckOutcome, fail, say_ok, skip, tell_error, warn


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedFacts:
    """What was found out about the embedded AWS of a project."""

    is_installed: bool
    emulator: BunsuiError | None = None
    """Why the installed emulator cannot be used."""
    folder: str = ""
    """Its data; empty where there is none of ours yet."""
    size_bytes: int = 0
    has_strangers: bool = False
    """Something lies in the place of the folder that is not known to be ours."""
    put_aside: int = 0
    """How many folders were moved aside as not ours."""
    url: str = ""
    """Where it answers; empty when it does not run."""
    pid: int = 0
    running_version: str = ""
    is_silent: bool = False
    """A process holds the folder and does not answer."""
    left_by_a_dead_one: bool = False
    """The folder says that one runs, and none does."""
    unsaved: str = ""
    caller: Caller | None = None
    caller_problem: BunsuiError | None = None
    problem: BunsuiError | None = None
    """Why the folder cannot be looked at."""


def embedded_checks(facts: EmbeddedFacts | None, *, version: str, is_meant: bool) -> Iterator[Check]:
    """Yield its checks; None where there is no project. `is_meant`: the environment in use is `local`."""
    outcome = CheckOutcome.FAILED if is_meant else CheckOutcome.WARNING
    if facts is None:
        yield skip(Area.EMBEDDED, "process", "there is no project that could have one")
        return
    if not facts.is_installed:
        if is_meant:
            step = 'Install it:\n  pip install "bunsui[local]"'
            yield fail(Area.EMBEDDED, "emulator", "the embedded AWS is not installed", next_step=step)
        else:
            yield skip(Area.EMBEDDED, "emulator", "it is not installed, and this environment does not need it")
    elif facts.emulator is not None:
        yield tell_error(Area.EMBEDDED, "emulator", facts.emulator, outcome=outcome)
    else:
        yield say_ok(Area.EMBEDDED, "emulator", "the one that this bunsui was tested with")
    if facts.problem is not None:
        yield tell_error(Area.EMBEDDED, "folder", facts.problem, outcome=outcome)
        return
    yield _data(facts)
    yield _process(facts, version)
    if facts.caller_problem is not None:
        yield tell_error(Area.EMBEDDED, "caller", facts.caller_problem, outcome=outcome)
    elif facts.caller is not None:
        yield say_ok(Area.EMBEDDED, "caller", facts.caller.arn)


def _data(facts: EmbeddedFacts) -> Check:
    adopt = command_line("local", "adopt")
    if facts.has_strangers:
        step = f"The next command moves it aside. If it is yours, take it back then:\n  {adopt}"
        return warn(Area.EMBEDDED, "folder", ".bunsui holds something that is not known to be bunsui's own", next_step=step)
    if facts.put_aside:
        return warn(
            Area.EMBEDDED, "folder", f"{facts.put_aside} folders were moved aside", next_step=f"Take them back:\n  {adopt}"
        )
    if not facts.folder:
        return skip(Area.EMBEDDED, "folder", "there is none yet; the first command in `local` makes it")
    return say_ok(Area.EMBEDDED, "folder", f"{facts.folder}, {facts.size_bytes / 1024**2:.1f} MiB")


def _process(facts: EmbeddedFacts, version: str) -> Check:
    stop, logs = command_line("local", "stop"), command_line("local", "logs")
    if facts.is_silent:
        return fail(
            Area.EMBEDDED, "process", "it runs and does not answer", next_step=f"Stop it:\n  {stop}", pid=facts.pid or None
        )
    if not facts.url:
        if facts.left_by_a_dead_one:
            step = f"The next command starts it again, with what was saved. Why it ended:\n  {logs}"
            return warn(Area.EMBEDDED, "process", "it ended without being stopped", next_step=step)
        return skip(Area.EMBEDDED, "process", "it does not run; the next command in `local` starts it")
    where = f"{facts.url}, process {facts.pid}"
    if facts.unsaved:
        step = f"Free some space, or correct what the reason says. Do not stop it before:\n  {logs}"
        return fail(Area.EMBEDDED, "process", f"{where}; it cannot save what it holds", next_step=step, reason=facts.unsaved)
    if facts.running_version and facts.running_version != version:
        step = "Nothing: the next command in `local` starts it anew."
        return warn(
            Area.EMBEDDED, "process", f"{where}, of bunsui {facts.running_version}, and this is {version}", next_step=step
        )
    return say_ok(Area.EMBEDDED, "process", where)

"""Judge the machine: Python, packages, terminal, git, folders, disk, variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.command_line import command_line
from bunsui.errors import BunsuiError
from bunsui.services.doctor.checks import Area, Check, CheckOutcome, fail, say_ok, skip, tell_error, warn
from bunsui.services.doctor.requirements import Requirement

OLDEST_PYTHON = (3, 11)
_NARROW = 80
_SCARCE_BYTES = 500 * 1024**2
_FULL_BYTES = 20 * 1024**2
_INSTALL = "Install bunsui again, in an environment of its own:\n  pip install -c constraints.txt ."


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPackage:
    """A package that bunsui needs, and what is there."""

    requirement: Requirement
    version: str
    """Empty when it is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalFacts:
    """What bunsui is typed into."""

    is_terminal: bool
    kind: str
    """TERM."""
    columns: int
    encoding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFacts:
    """A folder that bunsui writes."""

    purpose: str
    path: str
    is_writable: bool
    free_bytes: int | None
    """None where nobody can tell."""
    is_needed: bool = True
    """False where bunsui works without it, with less."""
    is_fallback: bool = False
    """True for the last resort, which the system may empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts:
    """What was found out about the machine."""

    platform: str
    python: tuple[int, int, int]
    version: str
    packages: Sequence[InstalledPackage]
    """None of them is known where bunsui has no metadata, as in a copied folder."""
    tested: Mapping[str, str]
    """Versions that bunsui was tested with, by package."""
    terminal: TerminalFacts
    git: str
    """What git says of its version; empty without git."""
    checkout: BunsuiError | None
    """Why git is not asked about the folder; None where it is."""
    folders: Sequence[FolderFacts]
    variables: Sequence[str] = ()
    """Names of bunsui's own variables that are set."""
    unknown_variables: Mapping[str, str] = field(default_factory=dict)
    """Names that begin as ours do and that nobody reads, with the nearest that is read, or empty."""


def machine_checks(facts: MachineFacts) -> Iterator[Check]:
    """Yield every check of the machine."""
    yield _python(facts)
    yield _packages(facts)
    yield _terminal(facts.terminal)
    yield _git(facts)
    for folder in facts.folders:
        yield _folder(folder)
    yield _variables(facts)


def _python(facts: MachineFacts) -> Check:
    text = ".".join(map(str, facts.python))
    if facts.python[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        return fail(Area.MACHINE, "Python", f"{text} is too old", next_step=f"Use Python {wanted} or newer.")
    return say_ok(Area.MACHINE, "Python", f"{text} on {facts.platform}")


def _packages(facts: MachineFacts) -> Check:
    needed = [one for one in facts.packages if not one.requirement.extra]
    if not needed:
        return skip(Area.MACHINE, "packages", "this bunsui was not installed as a package, so it says nothing of what it needs")
    wrong = [one for one in needed if not one.version or not one.requirement.allows(one.version)]
    if wrong:
        listed = "; ".join(
            f"{one.requirement.name} {one.version or 'is missing'}, wanted {one.requirement.clauses or 'any'}" for one in wrong
        )
        return fail(Area.MACHINE, "packages", listed, next_step=_INSTALL)
    others = [
        f"{one.requirement.name} {one.version} (tested with {tested})"
        for one in needed
        if (tested := facts.tested.get(one.requirement.name, one.version)) != one.version
    ]
    if others:
        return warn(
            Area.MACHINE, "packages", f"other versions than bunsui was tested with: {', '.join(others)}", next_step=_INSTALL
        )
    return say_ok(Area.MACHINE, "packages", f"bunsui {facts.version}; the {len(needed)} packages that it needs fit")


def _terminal(terminal: TerminalFacts) -> Check:
    if not terminal.is_terminal:
        return skip(Area.MACHINE, "terminal", "the output is no terminal: no colours, no questions, no terminal UI")
    found = f"{terminal.kind or 'TERM is not set'}, {terminal.columns} columns, {terminal.encoding}"
    if terminal.encoding.lower().replace("-", "") != "utf8":
        return warn(
            Area.MACHINE, "terminal", found, next_step="Use a UTF-8 locale, such as LANG=C.UTF-8: names may be unreadable."
        )
    if terminal.kind in ("", "dumb"):
        return warn(Area.MACHINE, "terminal", found, next_step="Set TERM, such as TERM=xterm-256color: there are no colours.")
    if terminal.columns < _NARROW:
        return warn(Area.MACHINE, "terminal", found, next_step=f"Make it {_NARROW} columns wide for the terminal UI.")
    return say_ok(Area.MACHINE, "terminal", found)


def _git(facts: MachineFacts) -> Check:
    if not facts.git:
        step = "Install git: without it applies are recorded without their commit, and forks cannot be planned."
        return warn(Area.MACHINE, "git", "there is no git", next_step=step)
    if facts.checkout is not None:
        return tell_error(Area.MACHINE, "git", facts.checkout, outcome=CheckOutcome.WARNING)
    return say_ok(Area.MACHINE, "git", facts.git)


def _folder(folder: FolderFacts) -> Check:
    name = f"folder for {folder.purpose}"
    if not folder.is_writable:
        step = f"Make it writable, or choose another one: it is for {folder.purpose}."
        make = fail if folder.is_needed else warn
        return make(Area.MACHINE, name, f"{folder.path} cannot be written", next_step=step)
    free = folder.free_bytes
    room = "" if free is None else f", {_size(free)} free"
    if free is not None and free < _FULL_BYTES:
        return fail(Area.MACHINE, name, f"{folder.path} is full{room}", next_step="Free some space.")
    if free is not None and free < _SCARCE_BYTES:
        step = f"Free some space; the embedded AWS can be emptied:\n  {command_line('local', 'reset')}"
        return warn(Area.MACHINE, name, f"{folder.path} is almost full{room}", next_step=step)
    if folder.is_fallback:
        step = "Set HOME or XDG_STATE_HOME to a folder of yours: the system may empty this one."
        return warn(Area.MACHINE, name, f"{folder.path} is the last resort{room}", next_step=step)
    return say_ok(Area.MACHINE, name, f"{folder.path}{room}")


def _size(number: int) -> str:
    return f"{number / 1024**3:.1f} GiB" if number >= 1024**3 else f"{number // 1024**2} MiB"


def _variables(facts: MachineFacts) -> Check:
    if facts.unknown_variables:
        listed = ", ".join(facts.unknown_variables)
        near = "; ".join(f"{name}: {meant}?" for name, meant in facts.unknown_variables.items() if meant)
        step = f"Correct the name ({near})." if near else "Take it away, or see `bunsui --help`."
        return warn(Area.MACHINE, "variables", f"set, and read by nobody: {listed}", next_step=step)
    if facts.variables:
        return say_ok(Area.MACHINE, "variables", f"set: {', '.join(facts.variables)}")
    return say_ok(Area.MACHINE, "variables", "none of bunsui's own is set")

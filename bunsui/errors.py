"""The error tree: every failure that a person may read has a code, facts, a hint and an exit code.

::

    BunsuiError
    ├── InvalidInput          5   what the user wrote or asked for cannot be used
    │   └── NotFound          5   a pipeline, session or address that does not exist
    ├── Refused               4   the plan is stale, or the change is not allowed
    │   └── NotOwned          4   a resource of that name exists and is not ours
    ├── Locked                3   somebody else works on the environment
    ├── Unavailable           1   something outside did not work
    │   ├── MissingExtra      5   an optional part of bunsui is not installed
    │   ├── LocalFailed       1   the embedded AWS could not start or stay up
    │   ├── PackagingFailed   1   a function's code could not be packaged
    │   ├── ForgeFailed       1   GitHub or GitLab did not do what was asked
    │   │   └── ForgeDenied   6   the job's token may not
    │   ├── NotSent           1   a notification was not told on its channel
    │   └── CloudError        1   AWS answered with an error
    │       ├── AccessDenied  6   credentials are missing, expired or too weak
    │       ├── Throttled     1   AWS asked us to slow down and kept asking
    │       ├── Conflict      1   somebody else changed the object first
    │       ├── Missing       1   the object is not there
    │       └── Unsupported   1   this endpoint does not know the call
    ├── GaveUpWaiting         7   the run goes on, only the waiting ended
    ├── HeldBack              8   as many sessions of the pipeline run as may, so this one was not started
    └── Interrupted         130   the user asked to stop

Mistakes in YAML are not exceptions but diagnostics (see `bunsui.diagnostics`); the face raises `InvalidInput` once, after
showing them. Foreign errors are mapped once, at the edge that knows the library, with ``raise ... from``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The process exit codes: a contract, documented in `docs/reference/exit-codes.md`."""

    DONE = 0
    """Done, or nothing to do."""
    FAILED = 1
    """The work was tried and failed."""
    CHANGES = 2
    """There are changes (`plan --detailed-exitcode`) or drift (`drift`), and nothing else."""
    LOCKED = 3
    """Another apply holds the lock."""
    STALE = 4
    """A stale or refused plan."""
    INVALID = 5
    """Invalid input, usage errors of the command line included."""
    DENIED = 6
    """Credentials or permission."""
    GAVE_UP = 7
    """Gave up waiting; the run goes on."""
    SKIPPED = 8
    """Skipped or queued by a concurrency rule."""
    INTERRUPTED = 130
    """Interrupted by the user."""


class BunsuiError(Exception):
    """A failure with a stable `code`, a `summary` without user text, `facts`, and a `hint`: the next thing to do."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED
    code: str
    summary: str
    hint: str
    facts: Mapping[str, str]

    def __init__(self, code: str, summary: str, *, hint: str = "", **facts: object) -> None:
        """Make the error.

        `code` is kebab-case and stable. `summary` is one sentence without user text and without a final full stop.
        `facts` are shown as `name: value` lines in the order given; they may hold foreign text, since faces escape it.
        `hint` is what to do next, with commands to copy on lines of their own.
        """
        super().__init__(f"{code}: {summary}")
        self.code = code
        self.summary = summary
        self.hint = hint
        self.facts = {name: str(value) for name, value in facts.items() if value is not None}


class InvalidInput(BunsuiError):
    """What the user wrote or asked for cannot be used."""

    exit_code = ExitCode.INVALID


class NotFound(InvalidInput):
    """A name that leads nowhere."""


class Refused(BunsuiError):
    """The plan is stale, or a rule forbids the change."""

    exit_code = ExitCode.STALE


class NotOwned(Refused):
    """A resource of that name exists and does not carry our tags."""


class Locked(BunsuiError):
    """Somebody else works on the environment."""

    exit_code = ExitCode.LOCKED


class Unavailable(BunsuiError):
    """Something outside bunsui did not work."""


class MissingExtra(Unavailable):
    """An optional part of bunsui is not installed."""

    exit_code = ExitCode.INVALID


class LocalFailed(Unavailable):
    """The embedded AWS could not start or stay up."""


class PackagingFailed(Unavailable):
    """A function's code could not be packaged."""


class ForgeFailed(Unavailable):
    """GitHub or GitLab did not answer, or answered with an error."""


class ForgeDenied(ForgeFailed):
    """The forge refuses the token."""

    exit_code = ExitCode.DENIED


class Passing(Enum):
    """Whether a refusal passes by itself, when the call is made again."""

    NEVER = "never"
    SOON = "soon"
    """Within seconds: something is being changed, or is not seen everywhere yet."""
    LATER = "later"
    """Within minutes: something is being deleted in the background."""


class NotSent(Unavailable):
    """A notification was not told on its channel, as far as anybody can know."""

    def __init__(self, code: str, summary: str, *, hint: str = "", passes: Passing = Passing.NEVER, **facts: object) -> None:
        """Make the error; see `BunsuiError`. `passes` says whether it helps to try again, with the same key."""
        super().__init__(code, summary, hint=hint, **facts)
        self.passes = passes


class CloudError(Unavailable):
    """AWS answered with an error; `facts` hold service, operation and AWS's own code and message."""

    def __init__(
        self,
        code: str,
        summary: str,
        *,
        hint: str = "",
        passes: Passing = Passing.NEVER,
        waits_for: str = "",
        **facts: object,
    ) -> None:
        """Make the error; see `BunsuiError`. `passes` says whether the call is worth making again, and `waits_for` for what one
        waits then, in words that complete "waiting for"."""
        super().__init__(code, summary, hint=hint, **facts)
        self.passes = passes
        self.waits_for = waits_for


class AccessDenied(CloudError):
    """Credentials are missing, expired or too weak."""

    exit_code = ExitCode.DENIED


class Throttled(CloudError):
    """AWS asked to slow down and kept asking."""


class Conflict(CloudError):
    """Somebody else changed the object first, or a condition did not hold."""


class Missing(CloudError):
    """The object is not there."""


class Unsupported(CloudError):
    """This endpoint does not know the call."""


class GaveUpWaiting(BunsuiError):
    """The run goes on; only the waiting ended."""

    exit_code = ExitCode.GAVE_UP


class HeldBack(BunsuiError):
    """As many sessions of the pipeline run as may, so this one was not started."""

    exit_code = ExitCode.SKIPPED


class Interrupted(BunsuiError):
    """The user asked to stop."""

    exit_code = ExitCode.INTERRUPTED

"""What `bunsui local` says of the embedded AWS, as JSON documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from bunsui.codec.shape import ABSENT, Absent, Shape, member

if TYPE_CHECKING:
    from bunsui.emulator.launcher.judged_calls import JudgedCalls
    from bunsui.emulator.launcher.launcher import LocalStatus


class RunningPart(Shape):
    """How to reach it; null when it does not run."""

    url: str = member("Its endpoint.")
    pid: int = member("The number of its process.")
    account: str = member("The account's twelve digits.")


class NotJudgedPart(Shape):
    """A kind of call that nobody here could judge."""

    role: str = member("The ARN of the role that called.")
    action: str = member("As IAM calls it; the service where nobody knows the action.")
    resource: str = member("Its ARN; empty where the call does not tell it.")
    reason: str = member("Why it could not be judged.")
    count: int = member("How often it was called.")


class JudgedPart(Shape):
    """Calls of roles since the embedded AWS started, by what its IAM made of them."""

    iam: str = member("`enforce` or `warn`: what is done with what a role does not permit.")
    allowed: int = member("How many a role permits.")
    refused: int = member("How many no role permits; with `warn` they were done all the same.")
    not_judged: int = member("How many nobody here could judge.")
    not_judged_calls: tuple[NotJudgedPart, ...] = member("The latest kinds of those, latest first.")


class LocalDocument(Shape, kind="local"):
    """Of `local`, `local start` and `local status`: the project's embedded AWS."""

    running: RunningPart | None = member()
    folder: str = member("Where its data is.")
    size_bytes: int = member("What the folder takes on disk, in bytes.")
    unsaved: str = member("Why the last save failed; empty when everything is on disk.")
    notices: tuple[str, ...] = member("Sentences for the user, such as saved data that could not be read.")
    judged: JudgedPart | Absent = member("What its IAM made of calls of roles; missing when it does not run.", default=ABSENT)


class LocalStopDocument(Shape, kind="local-stop"):
    """Of `local stop`."""

    stopped: bool = member("True when it ran; false when there was nothing to stop.")


class LocalEnvDocument(Shape, kind="local-env"):
    """Of `local env`: what other AWS clients reach the embedded AWS with.
    It holds a secret."""

    variables: Mapping[str, Annotated[str, "Its value; empty where there is none."]] = member(
        "By the names that AWS clients read."
    )


class LocalLogDocument(Shape, kind="local-log"):
    """Of `local logs`: what the embedded AWS itself wrote."""

    lines: tuple[str, ...] = member("The last ones, oldest first.")


class LocalResetDocument(Shape, kind="local-reset"):
    """Of `local reset`."""

    reset: Literal[True] = member("It stopped, and everything that it kept is gone.")


def local_document(found: LocalStatus) -> LocalDocument:
    """Return the document of `bunsui local`, `local start` and `local status`."""
    endpoint = found.endpoint
    running = RunningPart(url=endpoint.url, pid=endpoint.pid, account=endpoint.account) if endpoint is not None else None
    notices = endpoint.notices if endpoint is not None else ()
    return LocalDocument(
        running=running,
        folder=str(found.folder),
        size_bytes=found.size_bytes,
        unsaved=found.unsaved,
        notices=notices,
        judged=_judged_part(found.judged) if found.judged is not None else ABSENT,
    )


def _judged_part(judged: JudgedCalls) -> JudgedPart:
    return JudgedPart(
        iam=judged.iam,
        allowed=judged.allowed,
        refused=judged.refused,
        not_judged=judged.not_judged,
        not_judged_calls=tuple(
            NotJudgedPart(role=one.role, action=one.action, resource=one.resource, reason=one.reason, count=one.count)
            for one in judged.not_judged_calls
        ),
    )

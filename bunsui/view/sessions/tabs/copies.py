"""What can be copied of a session: what is looked at, the error with its traceback, names, commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.view.safe import safe_lines
from bunsui.view.sessions.model import SessionDetail


def copies_of(
    snapshot: SessionSnapshot, detail: SessionDetail, *, here: tuple[str, str], complete: Callable[[str], str]
) -> Sequence[tuple[str, str]]:
    """Return what each is called, and its text; `here` is what stands under the cursor, its text empty for nothing."""
    session, failure = snapshot.session, snapshot.failure
    found = [here]
    found.append(("error", "\n".join(item.text for item in detail.failure)))
    found.append(("traceback", "\n".join(safe_lines("\n".join(failure.traceback))) if failure is not None else ""))
    found.append(("session", session.id))
    found.append(("ARN", session.latest.execution_arn if session.latest is not None else ""))
    found += [("command", complete(step.command)) for step in detail.next_steps]
    return [(label, text) for label, text in found if text]

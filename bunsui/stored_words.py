"""What bunsui stores: the words and formats, and the one refusal of what only a newer bunsui knows.

Rule: whatever is read back from a store or a file and stands for a member of a closed list goes through `StoredItem.word` or
`StoredItem.member`, and every form has a format that grows with each word, or key, that an older bunsui must not overlook. What
an older bunsui wrote is read; of what a newer one wrote, nothing is guessed, and nothing is written over it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from bunsui import __version__
from bunsui.errors import Refused

E = TypeVar("E", bound=Enum)
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){1,3}")
"""What may stand in a command to copy."""


class StoredForm(Enum):
    """Every form in which something is stored, with the number of its newest format, which is the one that is written."""

    PROJECT = "whose project's name it is", 1
    RESOURCE = "what was last written to a resource", 3
    """1 had no alerts, 2 no buckets."""
    TEXT = "what a pipeline's file said when it was applied", 1
    DEPLOYMENT = "which version of a pipeline was deployed when", 2
    """1 did not keep whether a smoke run was asked for."""
    HOLD = "at which version a pipeline is held", 1
    PAUSE = "until when nothing starts a pipeline by itself", 1
    LOCK = "the lock of an environment", 1
    JOURNAL = "what an apply works on", 1
    MARK = "which state it is", 1
    APPLY = "a record of the audit trail", 1
    ACT = "an act on a session, in the audit trail", 2
    """1 knew nobody who takes sessions, and no approvals."""
    ACTS_HEAD = "which act on a session is the last one", 1
    SESSION = "a session with its attempts", 4
    """1 knew no redrives, and stood in no list but the one by its id; 2 did not keep who began an attempt, or claimed one; 3
    did not keep who sees to one that ended badly."""
    GATE = "a gate that waits for an approval", 1
    """Written by machines: `bunsui.model.gates.GATE_FORMAT`."""
    EXECUTION = "which session an execution belongs to", 1
    INTENT = "which session the slot of a schedule belongs to", 1
    WATERMARK = "how far a machine's executions were looked at", 1
    VERIFICATION = "what hinted plans found out", 3
    """1 had no alerts, 2 no buckets."""
    POOL = "who holds the slots of a pipeline, or waits for one", 1
    ALERT_BOOK = "what was told of a pipeline's sessions", 1
    ALERT = "a message of an alert", 1
    PLAN = "a saved plan", 1
    SHOWN = "the sessions that were shown last", 1
    FOLDER = "which folders are the user's own", 1
    DEATHS = "how often the embedded AWS died", 1
    EXECUTIONS = "what the embedded Step Functions keeps", 3
    """1 called the stores of the regions `rooms` for a while; 2 did not keep whether a role let a Map start its children."""

    def __init__(self, title: str, number: int) -> None:
        self.title = title
        self.format = number


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """One stored thing that is being read, for the refusal that names it."""

    name: str
    written_by: str = ""
    """The version of bunsui that wrote it; empty when it does not say."""

    def check_format(self, found: object, form: StoredForm) -> None:
        """Check the item's format.

        Raises:
            Refused: it is newer than the newest that is known, or none.

        """
        if type(found) is not int or not 1 <= found <= form.format:
            raise self.unknown("format", found, known=form.format)

    def word(self, field: str, found: object, known: Collection[str]) -> str:
        """Return the word, which must be one of those known.

        Raises:
            Refused: it is none of them.

        """
        if not isinstance(found, str) or found not in known:
            raise self.unknown(field, found)
        return found

    def member(self, field: str, found: object, words: type[E]) -> E:
        """Return the member whose value was stored.

        Raises:
            Refused: there is none.

        """
        try:
            return words(found)
        except ValueError as error:
            raise self.unknown(field, found) from error

    def unknown(self, field: str, found: object, **facts: object) -> Refused:
        """Return the refusal of something that this bunsui does not know."""
        version = self.written_by if _VERSION.fullmatch(self.written_by) else ""
        wanted = f"bunsui>={version}" if version and version != __version__ else "bunsui"
        return Refused(
            "newer-bunsui",
            "something that was stored says what this bunsui does not know, so nothing is done with it",
            hint=f"Install the bunsui that wrote it, or a newer one:\n  pip install --upgrade '{wanted}'",
            item=self.name,
            unknown=f"{field} {found}",
            **facts,
            written_by=f"bunsui {self.written_by}" if self.written_by else None,
            this=f"bunsui {__version__}",
        )


def written_by(found: object) -> str:
    """Return the version that an item says it was written by; empty for one that does not say, as older ones do not."""
    return found if isinstance(found, str) else ""

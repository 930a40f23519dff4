"""The filter language of the sessions list: `status:failed pipeline:orders since:2h text`, all of which must hold."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from bunsui.view.session_view import SessionRow

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SINCE = re.compile(r"^(\d{1,4})([mhdw])$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFilter:
    """What a row must have to be shown; an empty part asks for nothing."""

    statuses: tuple[str, ...] = ()
    """Beginnings of status words; one of them must fit."""
    pipelines: tuple[str, ...] = ()
    """Pieces of pipeline names; one of them must fit."""
    since: timedelta | None = None
    texts: tuple[str, ...] = ()
    """Each must stand somewhere in the row."""
    misread: tuple[str, ...] = ()
    """Words with a colon whose meaning is not known; they let nothing be hidden."""

    def shows(self, row: SessionRow, *, now: datetime) -> bool:
        """Tell whether the row is shown."""
        status = row.status.value.replace("_", "-")
        if self.statuses and not any(status.startswith(wanted) for wanted in self.statuses):
            return False
        name = row.pipeline.casefold()
        if self.pipelines and not any(wanted in name for wanted in self.pipelines):
            return False
        if self.since is not None and now - row.started_at > self.since:
            return False
        text = f"{row.id} {row.text}".casefold()
        return all(wanted in text for wanted in self.texts)


def parse_filter(text: str) -> SessionFilter:
    """Read a filter; every text is one, and full-width characters count as the ASCII ones that they stand for."""
    statuses: list[str] = []
    pipelines: list[str] = []
    texts: list[str] = []
    misread: list[str] = []
    since: timedelta | None = None
    for word in unicodedata.normalize("NFKC", text).casefold().split():
        name, colon, value = word.partition(":")
        match name if colon else "":
            case "status" | "s":
                statuses.extend(part.replace("_", "-") for part in value.split(",") if part)
            case "pipeline" | "p":
                pipelines.extend(part for part in value.split(",") if part)
            case "since":
                found = _SINCE.match(value)
                if found is None:
                    misread.append(word)
                else:
                    since = timedelta(**{_UNITS[found[2]]: int(found[1])})
            case _:
                texts.append(word)
    return SessionFilter(
        statuses=tuple(statuses), pipelines=tuple(pipelines), since=since, texts=tuple(texts), misread=tuple(misread)
    )

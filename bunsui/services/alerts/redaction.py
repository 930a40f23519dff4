"""What a message may say of a failure: its kind, its name, its sentence without anything that stood in the data.

A message goes to people who may not look at the data. A sentence of an error may hold what was in an input, an output or an
environment variable; so whatever in it looks like a value is left out, not only what is known to be one.
"""

from __future__ import annotations

import re

from bunsui.model.json import Json
from bunsui.model.references import hide_values, scalars
from bunsui.model.session import FailureNote, Session
from bunsui.sessions.failures.fingerprint import normalise_message

_LONGEST = 160
_LEFT_OUT = "…"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*){0,4}")
_LONGEST_NAME = 60
_ASSIGNED = re.compile(r"(?<![\w.])[\w.-]+\s*=\s*\S+")
_LABELLED = re.compile(r"(?i)\b(pass\w*|secret\w*|token\w*|credential\w*|\w*key|auth\w*|bearer)(\s*[:=]\s*|\s+)\S+")
_ODD = re.compile(r"(?<!\S)(?=\S*[^\w\s.,:;!?()'’…-])\S+")
"""Words with other signs in them than a sentence has: addresses, paths, encoded data."""
_CAPITALS = re.compile(r"\b(?=\w*[A-Z]\w*[a-z]\w*[A-Z]|\w*[0-9_])\w{12,}\b|\b\w{24,}\b")
"""Long words that are none of a language."""


def cause_line(note: FailureNote, session: Session) -> str:
    """Return in one line of what a session failed; of its sentence only what is the same for all failures of the kind."""
    name = safe_error_name(note.error)
    head = f"{name} [{note.error_class}]" if name else f"[{note.error_class}]"
    sentence = redacted_sentence(note.message, session)
    return f"{head}: {sentence}" if sentence else head


def safe_error_name(error: str) -> str:
    """Return an error's name where it is written as one; empty otherwise."""
    return error if _NAME.fullmatch(error) and len(error) <= _LONGEST_NAME else ""


def redacted_sentence(message: str, session: Session) -> str:
    """Return a sentence without values: quoted texts, numbers, ids, addresses, what was given to the session or came out."""
    hidden = frozenset(_values(session))
    text = str(hide_values(message, hidden, put=_LEFT_OUT))
    text = re.sub(r"''", _LEFT_OUT, normalise_message(text)).replace("#", _LEFT_OUT)
    for pattern in (_ASSIGNED, _ODD, _CAPITALS):
        text = pattern.sub(_LEFT_OUT, text)
    text = _LABELLED.sub(lambda found: f"{found[1]} {_LEFT_OUT}", text)
    text = re.sub(rf"{_LEFT_OUT}(?:[\s,;:]*{_LEFT_OUT})+", _LEFT_OUT, text)
    return " ".join("".join(one for one in text if one.isprintable()).split())[:_LONGEST]


def _values(session: Session) -> list[str | int | float]:
    given: Json = {"params": dict(session.params), "output": session.output}
    return [one for one in scalars(given) if not isinstance(one, str) or len(one) >= 3]

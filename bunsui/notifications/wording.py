"""Texts of notifications, harmless, as long as a channel takes them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from bunsui.ports.notifications import Notification

CUT = "…"
_LINE_LIMIT = 4_000
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def one_line(text: str, limit: int = _LINE_LIMIT) -> str:
    r"""Return the text as one printable line: what is not printable as `\xNN` or `\uNNNN`, white space as a space."""
    spaced = "".join(character if character.isprintable() else _visible(character) for character in text)
    return cut(spaced, limit)


def cut(text: str, limit: int) -> str:
    """Return at most so many characters; what is missing is marked."""
    return text if len(text) <= limit else text[: limit - len(CUT)] + CUT


def cut_bytes(text: str, limit: int) -> str:
    """Return at most so many bytes of UTF-8; what is missing is marked."""
    whole = text.encode()
    if len(whole) <= limit:
        return text
    return whole[: limit - len(CUT.encode())].decode(errors="ignore") + CUT


def plain_text(notification: Notification) -> str:
    """Return everything but the subject, for a reader of plain text: the lines, the facts below each other, the links."""
    return "\n".join(_paragraphs(notification)) + "\n"


def ascii_subject(notification: Notification, limit: int) -> str:
    """Return the subject in printable ASCII, beginning with a letter, digit or punctuation mark."""
    line = one_line(notification.subject).encode("ascii", "replace").decode().strip() or "notification"
    return line if len(line) <= limit else line[: limit - 3] + "..."


def key_token(key: str) -> str:
    """Return the key where it has the form of one, else its digest: it stands in headers and ids."""
    return key if _KEY.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()


def _paragraphs(notification: Notification) -> Iterator[str]:
    yield from (one_line(line) for line in notification.lines)
    if notification.facts:
        yield ""
        width = min(max(len(name) for name, _ in notification.facts), 24)
        yield from (f"{one_line(name, 60):<{width}}  {one_line(value)}" for name, value in notification.facts)
    if notification.links:
        yield ""
        yield from (f"{one_line(link.label, 60)}: {one_line(link.url)}" for link in notification.links)


def _visible(character: str) -> str:
    point = ord(character)
    if character in "\t\r\n\x0b\x0c\u2028\u2029\x85":
        return " "
    return f"\\x{point:02x}" if point <= 0xFF else f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"

"""IAM's answers are XML whatever texts they hold: the emulator puts texts into them as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from bunsui.emulator.internals import inner, replace_inner

_NO_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class XmlText(str):
    """A text that an f-string, of which the emulator makes its answers, puts into XML escaped. As JSON and as a key it is what
    it was."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        """Return the text as XML holds it; a character that XML cannot hold becomes U+FFFD."""
        return escape(_NO_XML.sub("\ufffd", format(str(self), form)))


def escape_iam_texts() -> None:
    """Let every text of IAM that came from outside be a `XmlText`: where a request is read, and where saved ones are."""
    from ministack.services import iam

    parameter: Callable[..., Any] = inner(iam, "_p")
    load: Callable[[Any], Any] = inner(iam, "load_persisted_state")

    def read_parameter(parameters: Mapping[str, Any], key: str, default: Any = "") -> Any:
        return as_text(parameter(parameters, key, default))

    def load_persisted_state(saved: Any) -> Any:
        return load(with_texts(saved))

    replace_inner(iam, "_p", read_parameter)
    replace_inner(iam, "load_persisted_state", load_persisted_state)


def as_text(value: Any) -> Any:
    """Return a text as a `XmlText`, and anything else as it is."""
    return XmlText(value) if type(value) is str else value


def with_texts(value: Any) -> Any:
    """Make the texts of a saved state into `XmlText`s; mappings and lists are changed in their place, since they are of the
    emulator's own types."""
    if isinstance(value, dict) or hasattr(value, "_data"):
        data = value if isinstance(value, dict) else inner(value, "_data")
        for key in list(data):
            data[key] = with_texts(data[key])
        return value
    if isinstance(value, list):
        value[:] = [with_texts(item) for item in value]
        return value
    return as_text(value)

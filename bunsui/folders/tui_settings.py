"""What a user chose for the terminal UI: `tui.toml` in the configuration folder.

```toml
theme = "bunsui-light"   # written by the key T
glyphs = "ascii"         # auto, unicode or ascii
plain = true             # for screen readers and Braille

[keys]
"session.resume" = "ctrl+r"
```
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bunsui.folders.toml_text import TomlFile, file_error, parse_toml

FILE = "tui.toml"
_INVALID = "tui-settings-invalid"
_KEYS = ("theme", "glyphs", "plain", "keys")
_KEY = re.compile(r"^\S+$")


class GlyphChoice(StrEnum):
    """Which signs are drawn."""

    AUTO = "auto"
    """By what the terminal's locale can encode."""
    UNICODE = "unicode"
    ASCII = "ascii"


@dataclass(frozen=True, slots=True, kw_only=True)
class TuiSettings:
    """The settings; every one has a default."""

    theme: str = ""
    """A theme's name; empty for the default."""
    glyphs: GlyphChoice = GlyphChoice.AUTO
    plain: bool = False
    """Nothing moves by itself, no lines are drawn, and the terminal's cursor stands where the reader should read."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The keys of a binding by its id, such as `session.resume`; several with commas between them."""


DEFAULT_SETTINGS = TuiSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """What may be named in the file."""

    themes: Collection[str]
    bindings: Mapping[str, str]
    """The keys that each binding has by itself, by its id."""


def parse_tui_settings(content: bytes, file: str, names: KnownNames) -> TuiSettings:
    """Return what the file says.

    Raises:
        InvalidInput: it has mistakes; the error says where. Nothing of it is used.

    """
    read = parse_toml(content, file, code=_INVALID)
    mistakes = list(_mistakes(read, names))
    if mistakes:
        raise file_error(_INVALID, file, mistakes)
    data = read.data
    return TuiSettings(
        theme=data.get("theme", ""),
        glyphs=GlyphChoice(data.get("glyphs", GlyphChoice.AUTO)),
        plain=data.get("plain", False),
        keys=dict(_flat(data.get("keys", {}))),
    )


def with_theme(content: bytes | None, theme: str) -> bytes:
    """Return the file's content with that theme, every other line as it was; None is no file. The content was read before."""
    text = content.decode("utf-8") if content is not None else ""
    said = f"theme = {json.dumps(theme)}"
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.lstrip().startswith("["):
            break
        found = re.match(r"^(?P<before>\s*[\"']?theme[\"']?\s*=\s*)(\"[^\"\n]*\"|'[^'\n]*')(?P<after>.*)$", line, re.DOTALL)
        if found is not None:
            lines[number] = f"{found['before']}{json.dumps(theme)}{found['after']}"
            return "".join(lines).encode()
    return f"{said}\n{text}".encode()


def _mistakes(read: TomlFile, names: KnownNames) -> Iterator[str]:
    data = read.data
    for key in sorted(set(data) - set(_KEYS)):
        yield read.place((key,), f"there is no key {key}{_near(key, _KEYS)}")
    if "theme" in data and data["theme"] not in names.themes:
        yield read.place(("theme",), f"theme is one of {', '.join(sorted(names.themes))}")
    if "glyphs" in data and data["glyphs"] not in set(GlyphChoice):
        yield read.place(("glyphs",), f"glyphs is one of {', '.join(GlyphChoice)}")
    if not isinstance(data.get("plain", False), bool):
        yield read.place(("plain",), "plain is true or false")
    keys = data.get("keys", {})
    if not isinstance(keys, Mapping):
        yield read.place(("keys",), 'keys is a table, such as [keys] with "session.resume" = "ctrl+r"')
        return
    for name, key in _flat(keys):
        yield from (read.place(("keys", name), what) for what in _key_mistakes(name, key, names))


def _flat(keys: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each binding with its key, whether or not its dotted name was written in quotes."""
    for name, key in keys.items():
        if isinstance(key, Mapping):
            yield from ((f"{name}.{below}", one) for below, one in _flat(key))
        else:
            yield name, key


def _key_mistakes(name: str, key: Any, names: KnownNames) -> Iterator[str]:
    if name not in names.bindings:
        yield f"nothing is called {name}{_near(name, names.bindings)}; `?` shows what has keys"
    elif not isinstance(key, str) or not _KEY.match(key) or not key.isascii():
        yield f"{name} is a key, such as ctrl+r, or several with commas between them"


def _near(name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""

"""The only place that prints: data on stdout, everything else on stderr, colour only where a person looks.

Lines come as spans with roles (`bunsui.view.spans`); this module alone knows which role has which style.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from bunsui.command_line import Invocation
from bunsui.errors import BunsuiError, InvalidInput
from bunsui.model.json import Json
from bunsui.view.commands import completed, completed_document, labelled_hint, prose
from bunsui.view.safe import safe_lines
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from bunsui.codec.shape import Shape

STYLES: dict[Role, str] = {
    Role.TEXT: "",
    Role.MUTED: "dim",
    Role.STRONG: "bold",
    Role.NAME: "bold",
    Role.RUNNING: "blue",
    Role.LINK: "blue",
    Role.OK: "green",
    Role.CREATE: "green",
    Role.UPDATE: "yellow",
    Role.REPLACE: "magenta",
    Role.DELETE: "red",
    Role.ADOPT: "cyan",
    Role.REFUSE: "bold red",
    Role.DRIFT: "magenta",
    Role.BEFORE: "red",
    Role.AFTER: "green",
    Role.RISK: "yellow",
    Role.ERROR: "bold red",
    Role.WARNING: "yellow",
    Role.INFO: "blue",
    Role.HINT: "cyan",
    Role.COMMAND: "cyan",
}
"""How each role looks in a terminal."""

_NARROWEST = 20
"""With fewer columns than this beside the indent, the terminal itself breaks lines."""
_HANGING = 2
"""By how much the rest of a broken line is indented further."""


class Output:
    """Prints for one run of the program."""

    def __init__(self, *, as_json: bool = False, no_color: bool = False) -> None:
        """Choose how to print. `as_json` keeps stdout for one JSON document."""
        self.as_json = as_json
        self.invocation = Invocation()
        """Completes the commands that are offered."""
        self._no_color = no_color or bool(os.environ.get("NO_COLOR"))

    def configure(self, *, as_json: bool, no_color: bool, invocation: Invocation) -> None:
        """Take what the command line says, once it has been read."""
        self.as_json = as_json
        self._no_color = self._no_color or no_color
        self.invocation = invocation

    @property
    def is_terminal(self) -> bool:
        """True when a person looks at stdout, so that live output makes sense."""
        return sys.stdout.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"

    @property
    def can_ask(self) -> bool:
        """True when a prompt can be shown and answered."""
        return sys.stdin.isatty() and sys.stderr.isatty() and not os.environ.get("CI")

    @property
    def columns(self) -> int | None:
        """How many cells a table on stdout may take: the terminal's, or what COLUMNS says; None where neither limits it."""
        is_limited = self.stdout.is_terminal or os.environ.get("COLUMNS", "").isdecimal()
        return self.stdout.width if is_limited and self.stdout.width >= _NARROWEST else None

    @cached_property
    def stdout(self) -> Console:
        """The console for data."""
        return self._console(stderr=False)

    @cached_property
    def stderr(self) -> Console:
        """The console for everything else."""
        return self._console(stderr=True)

    def lines(self, lines: Iterable[Line], *, to_stderr: bool = False) -> None:
        """Print styled lines, long ones in a terminal broken between words. The caller's spans are already safe."""
        console = self.stderr if to_stderr else self.stdout
        for item in lines:
            for row in self._rows(item, console):
                console.print(row, soft_wrap=True)

    def _rows(self, item: Line, console: Console) -> Iterable[Text]:
        """Return a line as it is printed. One that is a command stays whole: it is there to be copied."""
        text = self.text(item)
        if not (console.is_terminal and not _is_command(item) and text.cell_len > console.width > _NARROWEST + item.indent):
            return [text]
        broken = _break_rows(text[item.indent :], console.width - item.indent - _HANGING)
        return [_indent_row(row, item.indent + (_HANGING if number else 0)) for number, row in enumerate(broken)]

    def text(self, item: Line) -> Text:
        """Return a line as rich text, never through markup; its commands reach what this one reached."""
        from rich.text import Text  # deferred: `--help` and machine output need no rich

        text = Text(" " * item.indent)
        for part in completed(item, self.invocation).parts:
            text.append(part.text, style=STYLES[part.role])
        return text

    def say(self, message: str, *, role: Role = Role.TEXT) -> None:
        """Tell the reader something that is not data, on stderr."""
        self.lines([line(*prose(message, role))], to_stderr=True)

    def next_step(self, command: str, why: str = "") -> None:
        """End a command with the next useful one, on stderr."""
        if self.as_json:
            return
        label = span("next: ", Role.MUTED)
        offered = line(label, span(command, Role.COMMAND))
        whole = line(*offered.parts, span("  "), *prose(why, Role.MUTED)) if why else offered
        if self.stderr.is_terminal and self.text(whole).cell_len > self.stderr.width:
            self.lines([offered, line(*prose(why, Role.MUTED), indent=len(label.text))], to_stderr=True)
        else:
            self.lines([whole], to_stderr=True)

    def document(self, value: Shape) -> None:
        """Print a document of bunsui's own as JSON on stdout, commands that it offers complete."""
        from bunsui.codec.writing import to_json  # deferred: `--help` prints none

        document: Json = to_json(value)
        self.foreign(completed_document(document, self.invocation) if self.invocation.options else document)

    def foreign(self, value: Json) -> None:
        """Print JSON in a format of others on stdout: letters kept where the stream can show them, whatever does not print
        escaped."""
        text = json.dumps(value, indent=2, ensure_ascii=not _stdout_is_unicode(), default=str)
        sys.stdout.write(_printable_json(text) + "\n")

    def raw(self, text: str) -> None:
        """Print prepared text on stdout as it is; the caller has made foreign parts safe."""
        sys.stdout.write(text if text.endswith("\n") else text + "\n")

    def error(self, error: BunsuiError) -> None:
        """Show an error: code, summary, facts, and what to do next."""
        self.lines(error_lines(error), to_stderr=True)

    def confirm(self, question: str, *, flag: str) -> bool:
        """Ask a yes-or-no question whose default is No; InvalidInput, naming the flag, where nobody can answer."""
        return self._answer(f"{question} [y/N] ", flag=flag).lower() in ("y", "yes")

    def confirm_name(self, question: str, *, name: str, flag: str) -> bool:
        """Ask for a name to be typed; InvalidInput, naming the flag, where nobody can answer."""
        return self._answer(f"{question} Type {name!r} to go on: ", flag=flag) == name

    def _answer(self, prompt: str, *, flag: str) -> str:
        if not self.can_ask:
            raise InvalidInput(
                "cannot-ask",
                "this needs a confirmation, and there is nobody to ask",
                hint=f"Review what would happen, then repeat the command with {flag}.",
            )
        self.stderr.print(prompt, end="", markup=False, highlight=False)
        try:
            return input().strip()
        except EOFError:
            return ""

    def _console(self, *, stderr: bool) -> Console:
        from rich.console import Console  # deferred: `--help` and machine output need no rich

        return Console(stderr=stderr, highlight=False, markup=False, emoji=False, no_color=self._no_color or None)


def _is_command(item: Line) -> bool:
    """True for a command that stands alone or behind a label; one in backticks is part of a sentence."""
    before = ""
    for part in item.parts[:2]:
        if part.role is Role.COMMAND:
            return not before.endswith("`")
        before = part.text
    return False


def _break_rows(text: Text, room: int) -> Iterable[Text]:
    """Return the text in rows, broken between words.

    A word that is longer than a row, such as an ARN, has one for itself: the terminal breaks it, and copies it in one piece.
    """
    starts: list[int] = []
    used = 0
    for word in re.finditer(r"\S+\s*", text.plain):
        wide = text[word.start() : word.end()].cell_len
        if used and used + text[word.start() : word.start() + len(word.group().rstrip())].cell_len > room:
            starts.append(word.start())
            used = 0
        used += wide
    return text.divide(starts)


def _indent_row(text: Text, columns: int) -> Text:
    row = text.copy()
    row.rstrip()
    row.pad_left(columns)
    return row


def error_lines(error: BunsuiError) -> list[Line]:
    """Return an error as lines: the summary, the facts, the hint."""
    lines = [line(span("error: ", Role.ERROR), span(error.summary, Role.STRONG), span(f"  ({error.code})", Role.MUTED))]
    width = max((len(name) for name in error.facts), default=0)
    for name, value in error.facts.items():
        first, *rest = safe_lines(value)
        lines.append(line(span(f"{name:<{width}}  ", Role.MUTED), first, indent=2))
        lines.extend(line(text, indent=width + 4) for text in rest)
    return [*lines, *labelled_hint(error.hint)]


def _stdout_is_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _printable_json(text: str) -> str:
    """Return the same JSON without characters that a terminal would obey or hide (C1 controls, bidi marks): as escapes."""
    if all(character.isprintable() or character == "\n" for character in text):
        return text
    kept = (c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
    return "".join(kept)

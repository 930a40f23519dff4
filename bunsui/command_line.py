"""Commands that bunsui offers: how they are spelt for a shell, and which global options make them reach the same place.

What is below the faces writes `command_line("apply", name)` into hints: the words, quoted, without the global options, which
only the face knows. The face completes it with its `Invocation`. In a hint a command stands on a line of its own or in
backticks, so that it can be found (`bunsui.view.commands`).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace

PROGRAM = "bunsui"

_UNMANAGED = "--unmanaged"
_LOOKING = frozenset({"sessions", "show", "logs", "events", "watch", "tui"})
"""Commands that look at machines of others, too."""
PLACELESS = frozenset({"doctor", "explain", "init", "projects", "schema"})
"""Commands that belong to no deployed project."""
_SAME_EVERYWHERE = frozenset({"explain"})
"""Commands that say the same in every folder and for every account."""
WITHOUT_FILES = frozenset(
    {"morning", "sessions", "show", "logs", "events", "watch", "checkpoints", "run", "resume", "recover", "stop", "take", "tui"}
)  # fmt: skip
"""Commands that reach a project without its files."""


def command_line(*words: object) -> str:
    r"""Return `bunsui WORDS` as a POSIX shell takes it, on one line whatever the words hold.

    A word with characters that do not print is written as `$'\xNN…'` (bash, zsh, ksh), which hides nothing and ends no line.
    """
    return " ".join([PROGRAM, *(_quote_word(str(word)) for word in words)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """How bunsui was started, as far as a later command has to repeat it."""

    directory: str = ""
    """As it was typed: it leads there from the folder that the reader's shell is in. Empty for that folder itself."""
    project: str = ""
    """One that is reached without its files."""
    environment: str = ""
    profile: str = ""
    region: str = ""
    unmanaged: str = ""
    """The machines of others that are looked at; empty for those of the project."""
    typed: tuple[str, ...] = ()
    """The arguments as they were typed, without the global options."""

    @property
    def options(self) -> tuple[str, ...]:
        """The global options that reach the same project, environment and account."""
        given = (
            ("-C", self.directory),
            ("--project", self.project),
            ("-e", self.environment),
            ("--profile", self.profile),
            ("--region", self.region),
        )
        return tuple(word for name, value in given if value for word in (name, value))

    @property
    def again(self) -> str:
        """The same command once more, without the global options."""
        return command_line(*self.typed)

    def complete(self, command: str) -> str:
        """Return an offered command with the global options behind `bunsui`; anything else is returned as it is."""
        program, _, rest = command.partition(" ")
        if program != PROGRAM or not rest or (verb := rest.split(" ", 1)[0]) in _SAME_EVERYWHERE:
            return command
        looks = bool(self.unmanaged) and verb in _LOOKING and _UNMANAGED not in rest
        here = self
        if self.project:  # what needs files works in a checkout
            here = replace(self, directory="") if verb in WITHOUT_FILES else replace(self, project="")
        return f"{command_line(*here.options)} {rest}" + (f" {_UNMANAGED} {_quote_word(self.unmanaged)}" if looks else "")


def _quote_word(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(_escape_character(character) for character in word) + "'"


def _escape_character(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))

"""Command lines that cannot be read: which word is missing, wrong or too much, what was probably meant, and an example."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from typer.exceptions import TyperException

from bunsui.cli.registry import COMMANDS, EXAMPLES, FOREIGN_VERBS
from bunsui.command_line import PLACELESS, PROGRAM, WITHOUT_FILES, command_line
from bunsui.errors import InvalidInput

GLOBAL_OPTIONS = (
    "--help",
    "--directory",
    "--project",
    "--env",
    "--profile",
    "--region",
    "--yes",
    "--json",
    "--no-color",
    "--utc",
    "--verbose",
)
"""They may stand behind the command as well, where only the command's own options are known to the parser."""

_UNKNOWN_COMMAND = re.compile(r"No such command '(.*?)'")
_CHOICE = re.compile(r"'(.*?)' is not one of (.*)")
_QUOTED = re.compile(r"'(.*?)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Misread:
    """What the parser did not understand, for reading."""

    summary: str
    facts: Mapping[str, str]
    meant: str = ""
    """The word that was probably meant."""


def usage_error(error: TyperException, typed: Iterable[str]) -> InvalidInput:
    """Return what the parser did not understand, with the next thing to do. `typed` are the words without global options."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context is not None else _path_of(typed)
    match type(error).__name__:
        case "MissingParameter":
            found = _missing(error)
        case "NoArgsIsHelpError":
            found = _Misread(summary=f"{path} needs one more word", facts={"one of": ", ".join(_children(context))})
        case "NoSuchOption":
            found = _no_option(error, context)
        case _:
            found = _other(error, context)
    return InvalidInput("usage", found.summary, hint=_hint(path, found.meant), **found.facts)


def unknown_command(name: str) -> InvalidInput:
    """Return the error for a verb that bunsui does not have: ours for one of another tool, or one that is spelt alike."""
    ours = FOREIGN_VERBS.get(name)
    if ours:
        hint = f"It is called `{command_line(ours)}` here."
    else:
        near = get_close_matches(name, [entry.name for entry in COMMANDS], n=1)
        hint = f"Did you mean `{command_line(near[0])}`?" if near else "See all of them with `bunsui --help`."
    return InvalidInput("usage", "there is no such command", hint=hint, command=name)


def refuse_without_files(command: str | None) -> None:
    """Refuse a command that needs the files of a project for one that is reached without them; None is `bunsui` alone.

    Raises:
        InvalidInput: it does.

    """
    name = command or "morning"
    if name in PLACELESS or name in WITHOUT_FILES or name not in {entry.name for entry in COMMANDS}:
        return
    looked = command_line("sessions")
    raise InvalidInput(
        "needs-files",
        "this command needs the project's files, which --project does without",
        hint=f"Work in a checkout of the project, without --project and BUNSUI_PROJECT. Or look at what runs:\n  {looked}",
        command=name,
    )


def _hint(path: str, meant: str) -> str:
    example = EXAMPLES.get(path.removeprefix(f"{PROGRAM} "), "")
    first = f"Did you mean `{meant}`?" if meant else f"For example:\n  {PROGRAM} {example}" if example else ""
    return "\n".join(text for text in (first, f"See `{path} --help`.") if text)


def _missing(error: Any) -> _Misread:
    parameter = error.param
    facts = {"problem": str(error)} if parameter is None else {"missing": _name(parameter), "which is": parameter.help or ""}
    return _Misread(summary="an argument is missing", facts={name: text for name, text in facts.items() if text})


def _name(parameter: Any) -> str:
    """Return how a parameter is called in the help: `PIPELINE`, `--limit`."""
    is_argument = parameter.param_type_name == "argument"
    return str((parameter.metavar or parameter.name.upper()) if is_argument else parameter.opts[-1])


def missing_argument(command: str, name: str, help_text: str) -> InvalidInput:
    """Return the error for an argument that may be left out only with certain options; the parser cannot tell."""
    facts = {"missing": name, "which is": help_text}
    return InvalidInput("usage", "an argument is missing", hint=_hint(f"{PROGRAM} {command}", ""), **facts)


def _children(context: Any) -> Sequence[str]:
    return tuple(context.command.list_commands(context))


def _no_option(error: Any, context: Any) -> _Misread:
    own = [option for one in (context.command.params if context is not None else ()) for option in one.opts]
    meant = _nearest(error.option_name, [*own, *GLOBAL_OPTIONS])
    return _Misread(summary="there is no such option", facts={"option": error.option_name}, meant=meant)


def _other(error: Any, context: Any) -> _Misread:
    message = str(getattr(error, "message", error)).removeprefix("Value error, ").replace("argument(s)", "argument")
    if (unknown := _UNKNOWN_COMMAND.match(message)) and context is not None:
        known, name = _children(context), unknown[1]
        facts = {"command": name, "one of": ", ".join(known)}
        return _Misread(summary="there is no such command", facts=facts, meant=_nearest(name, known))
    parameter = getattr(error, "param", None)
    facts = {"for": _name(parameter)} if parameter is not None else {}
    choices = _CHOICE.match(message)
    meant = _nearest(choices[1], _QUOTED.findall(choices[2])) if choices else ""
    return _Misread(summary="the command line is not understood", facts={**facts, "problem": message}, meant=meant)


def _nearest(given: str, known: Iterable[str]) -> str:
    return next(iter(get_close_matches(given, list(known), n=1, cutoff=0.6)), "")


def _path_of(typed: Iterable[str]) -> str:
    """Return the command that was probably meant, where the parser lost it: words up to the first that is no command."""
    words: list[str] = []
    for word in typed:
        if not any(path == " ".join([*words, word]) or path.startswith(" ".join([*words, word, ""])) for path in EXAMPLES):
            break
        words.append(word)
    return " ".join([PROGRAM, *words])

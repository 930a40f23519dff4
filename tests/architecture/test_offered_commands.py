"""Every command that bunsui offers anywhere in its texts is one that its own command line understands."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from bunsui.cli.main import _globals_apart, app, load_command
from bunsui.cli.registry import COMMANDS, EXAMPLES
from bunsui.command_line import Invocation, command_line
from bunsui.errors import BunsuiError
from tests.architecture.trees import nodes_of

ROOT = Path(__file__).parents[2] / "bunsui"
SAMPLE = "sample"
VERBS = "|".join(entry.name for entry in COMMANDS)
OFFERED = re.compile(rf"(?m)^(?:\s*(?=bunsui (?:{VERBS})\b)|\s+(?=bunsui ))(bunsui [^\n]*)$|`(bunsui [a-z][^`]*)`")
DESCRIPTIONS = frozenset({"command_line.py", "services/reference/operations.py", "cli/output_schema.py", "cli/usage.py"})
"""They speak of commands and offer none."""


@cache
def offered() -> dict[str, str]:
    """Return every command in the code by its place, with a word in place of what is filled in."""
    found: dict[str, str] = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name not in DESCRIPTIONS and not name.endswith("_json.py"):
            for number, command in commands_of(nodes_of(path)):
                found.setdefault(f"{name}:{number}: {command}", command)
    return found


def commands_of(nodes: tuple[ast.AST, ...]) -> Iterator[tuple[int, str]]:
    said = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "command_line":
            yield node.lineno, command_line(*(word_of(one) for one in node.args if not isinstance(one, ast.Starred)))
        elif isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and id(node) not in said | parts):
            for found in OFFERED.finditer(text_of(node)):
                yield node.lineno, found[1] or found[2]


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "{}"


def word_of(node: ast.expr) -> str:
    text = text_of(node)
    return SAMPLE if text == "{}" else text.replace("{}", SAMPLE)


tree_of_commands = cache(typer.main.get_command)


def parse(command: str) -> None:
    """Let the real command line read the command, without running it; it raises what it would tell the user."""
    first, rest = _globals_apart(shlex.split(command)[1:])
    found = tree_of_commands(app)
    context = found.make_context("bunsui", first + rest)
    while isinstance(found, TyperGroup) and (words := [*context._protected_args, *context.args]):
        name, child, rest = found.resolve_command(context, words)
        assert child is not None
        context, found = child.make_context(name, rest, parent=context), child


def refusal(command: str) -> str | None:
    """Return what the command line says against a command, None where it understands it."""
    try:
        parse(command)
    except (TyperException, BunsuiError) as refused:
        return f"{command}: {refused}"
    return None


def test_every_offered_command_is_understood_also_with_what_completes_it() -> None:
    invocation = Invocation(directory="a b", environment="prod", region="eu-west-1")
    commands = offered()
    refusals = {place: refusal(command) or refusal(invocation.complete(command)) for place, command in commands.items()}
    assert {place: said for place, said in refusals.items() if said is not None} == {}


def test_the_commands_are_found_in_the_code() -> None:
    commands = offered().values()
    assert len(commands) > 80
    assert {command.split()[1] for command in commands} >= {"apply", "plan", "run", "show", "logs", "unlock", "state"}


def test_a_command_with_something_filled_in_is_quoted_by_the_one_who_knows_how() -> None:
    assert [place for place, command in offered().items() if "{}" in command or command.endswith(" ")] == []


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_example_of_a_command_is_understood(path: str) -> None:
    parse(f"bunsui {EXAMPLES[path]}")


def test_every_command_has_an_example_of_its_own() -> None:
    paths = {entry.name for entry in COMMANDS}
    for name in ("state", "local", "ci", "projects", "resident", "alerts"):
        group = load_command(next(entry for entry in COMMANDS if entry.name == name))
        paths |= {f"{name} {child}" for child in group.commands}
    assert set(EXAMPLES) == paths
    assert [path for path, example in EXAMPLES.items() if not f"{example} ".startswith(f"{path} ")] == []

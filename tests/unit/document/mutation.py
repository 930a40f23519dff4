"""Structure-aware damage to YAML text: keys, values, indentation, blocks, quotes, bytes. Seeded, so that a case repeats."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

SCALARS = (
    "null",
    "true",
    "5",
    "-1",
    "1e999",
    ".inf",
    "010",
    "12:30",
    "yes",
    "~",
    "''",
    '"{% $params.x %}"',
    '"{% $jobs.b.c %}"',
    '"{% ("',
    '"${var.x}"',
    '"${"',
    "${var.x}",
    "{% $x %}",
    "[]",
    "{}",
    "[[[]]]",
    "{a: {b: [c]}}",
    "*a",
    "&a b",
    "!!str x",
    "!x y",
    "|",
    ">-",
    '"\\ud800"',
    '"\\x00"',
    '"\\UFFFFFFFF"',
    "日本：語",
    "　",
    "“x”",
    "a: b: c",
    "- - -",
    "? x",
    "@x",
    "`x`",
    "%x",
    "#",
    "--- x",
    "...",
    "9" * 50,
    "x" * 300,
    "2026-02-30T00:00:00",
    "rate(1 hour)",
    "5m",
    "-1d",
    "1h1h",
    "choice",
    "lambda",
    "extract",
    "a--b",
    "a.b",
)
KEYS = (
    "version",
    "name",
    "jobs",
    "operations",
    "type",
    "depends_on",
    "when",
    "foreach",
    "items",
    "as",
    "outputs",
    "retry",
    "attempts",
    "timeout",
    "schedules",
    "cron",
    "id",
    "parameters",
    "default",
    "code",
    "path",
    "function",
    "payload",
    "cases",
    "needs",
    "definition",
    "substitutions",
    "environment",
    "run_if",
    "isolate",
    "tags",
    "? a",
    "<<",
    "1",
    "null",
    '""',
    "\t",
    "：",
    "a b",
    "on",
)

_CHARACTERS = "{}[]\"':,%$&*!|>#@`?-\\\t \x00\x1b\u2028\ufeff：“é日"

Mutation = Callable[[random.Random, list[str]], None]


def mutated(text: str, seed: int) -> bytes:
    """Return the text with one to four mistakes in it."""
    chance = random.Random(seed)
    lines = text.split("\n")
    for _ in range(chance.randint(1, 4)):
        chance.choice(MUTATIONS)(chance, lines)
    damaged = "\n".join(lines).encode("utf-8", errors="surrogatepass")
    return _damage_bytes(chance, damaged) if chance.random() < 0.08 else damaged


def _line(chance: random.Random, lines: Sequence[str]) -> int:
    return chance.randrange(len(lines))


def _new_value(chance: random.Random, lines: list[str]) -> None:
    at = _line(chance, lines)
    key, colon, _ = lines[at].partition(":")
    if colon:
        lines[at] = f"{key}: {chance.choice(SCALARS)}"


def _new_key(chance: random.Random, lines: list[str]) -> None:
    at = _line(chance, lines)
    stripped = lines[at].lstrip(" -")
    lead = lines[at][: len(lines[at]) - len(stripped)]
    _, colon, rest = stripped.partition(":")
    lines[at] = f"{lead}{chance.choice(KEYS)}{colon or ':'}{rest}"


def _extra(chance: random.Random, lines: list[str]) -> None:
    at = _line(chance, lines)
    lead = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    lines.insert(at, f"{lead}{chance.choice(KEYS)}: {chance.choice(SCALARS)}")


def _delete(chance: random.Random, lines: list[str]) -> None:
    if len(lines) > 2:
        start = _line(chance, lines)
        del lines[start : start + chance.randint(1, 3)]
    if not lines:
        lines.append("")


def _repeat(chance: random.Random, lines: list[str]) -> None:
    start = _line(chance, lines)
    block = lines[start : start + chance.randint(1, 4)]
    at = _line(chance, lines)
    lines[at:at] = block


def _indent(chance: random.Random, lines: list[str]) -> None:
    at = _line(chance, lines)
    lines[at] = chance.choice((" ", "  ", "\t", "    ")) + lines[at] if chance.random() < 0.5 else lines[at][1:]


def _swap(chance: random.Random, lines: list[str]) -> None:
    one, other = _line(chance, lines), _line(chance, lines)
    lines[one], lines[other] = lines[other], lines[one]


def _character(chance: random.Random, lines: list[str]) -> None:
    at = _line(chance, lines)
    if not lines[at]:
        return
    place = chance.randrange(len(lines[at]))
    new = chance.choice((*_CHARACTERS, "", "{%", "%}", "${", "\ud800"))
    lines[at] = lines[at][:place] + new + lines[at][place + chance.randint(0, 1) :]


def _nest(chance: random.Random, lines: list[str]) -> None:
    at = _line(chance, lines)
    depth = chance.choice((3, 70, 3000))
    key, colon, _ = lines[at].partition(":")
    opened = chance.choice(("[", "{a: ", "- "))
    lines[at] = f"{key}{colon or ':'} {opened * depth}"


def _damage_bytes(chance: random.Random, content: bytes) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        if damaged:
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged[: chance.randint(min(1, len(damaged)), len(damaged))])


MUTATIONS: tuple[Mutation, ...] = (
    _new_value,
    _new_value,
    _new_value,
    _new_key,
    _new_key,
    _extra,
    _delete,
    _repeat,
    _indent,
    _swap,
    _character,
    _character,
    _nest,
)

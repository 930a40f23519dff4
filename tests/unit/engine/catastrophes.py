"""Regular expressions that backtrack without end, and calls that use them."""

from __future__ import annotations

import random

_ATOMS = ("a", "[ab]", ".", r"\w", "a|a", "a|aa", "ab?", "a?", r"\w|a", "(?:a|b)", "a{0,3}")
_TIMES = ("*", "+", "{1,30}", "+?", "*?", "{0,50}", "?")
_CALLS = (
    "$match($t, R)",
    "$contains($t, R)",
    "$replace($t, R, 'x')",
    "$replace($t, R, '$1$1')",
    "$replace($t, R, 'x', 2)",
    "$replace($t, R, function($m) { 'y' })",
    "$split($t, R)",
    "$match($t, R, 3)",
    "$map([1..50], function($i) { $contains($t, R) })",
    "R($t)",
)


def catastrophe(chance: random.Random) -> tuple[str, str]:
    """Return a JSONata expression and the text `$t` that it chokes on."""
    body = "".join(_repeated(chance, chance.randint(1, 3)) for _ in range(chance.randint(1, 4)))
    if chance.random() < 0.2:
        body = rf"(?=({body}))\1"
    elif chance.random() < 0.1:
        body = f"(?!{body}c)"
    tail = chance.choice(["$", "!", r"\1$", "x", "[^a]$", "(?=z)", ""])
    regex = f"/{chance.choice(['', '^'])}{body}{tail}/{chance.choice(['', 'i', 'm'])}"
    texts = ["a" * chance.randint(20, 60), "ab" * chance.randint(15, 60), "a" * chance.randint(1_000, 20_000), "b" + "a" * 40]
    return chance.choice(_CALLS).replace("R", regex), chance.choice(texts) + chance.choice(["", "!", "b", "c!"])


def _repeated(chance: random.Random, depth: int) -> str:
    if depth == 0:
        return chance.choice(_ATOMS)
    parts = [_repeated(chance, depth - 1 if chance.random() < 0.6 else 0) for _ in range(chance.randint(1, 3))]
    return f"({''.join(parts)}){chance.choice(_TIMES)}"

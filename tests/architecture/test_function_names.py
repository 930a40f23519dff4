"""A function says what it does or what it gives: a participle alone (told, kept, made) leaves out of what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.trees import tree_of

HOUSE = Path(__file__).parents[2] / "bunsui"
EARLIER = Path(__file__).parent / "participles.txt"
"""Functions that were called so before the rule stood, as `file name`: whoever works on one renames it; none is added."""

_IRREGULAR_WORDS = """
begun bound broken brought built caught chosen cut done drawn driven fallen felt forgotten found gathered given gone got grown
heard held hidden kept known laid led left lent lost made meant met overwritten paid seen sent shown shut sold sought spent
split stood struck taken thrown told torn unbound undone unknown unread untold withdrawn won worn wound written
"""
IRREGULAR = frozenset(_IRREGULAR_WORDS.split())
VERBS = frozenset({"cut", "embed", "exceed", "feed", "need", "proceed", "shut", "split", "succeed"})


def is_participle(name: str) -> bool:
    """Tell whether a name is one participle and nothing else."""
    word = name.strip("_")
    return word.isalpha() and word not in VERBS and (word in IRREGULAR or word.endswith("ed"))


def called_by_a_participle(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield functions and methods named so, properties apart: these are named after what they are."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and is_participle(inner.name) and not _is_property(inner):
            yield inner


def _is_property(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("property" in ast.unparse(decorator) for decorator in function.decorator_list)


def found() -> set[str]:
    return {
        f"{path.relative_to(HOUSE).as_posix()} {function.name}"
        for path in HOUSE.rglob("*.py")
        for function in called_by_a_participle(tree_of(path))
    }


def test_a_participle_is_told_from_a_verb_and_from_a_phrase() -> None:
    names = ("told", "_kept", "reviewed", "need", "_succeed", "hold_lock", "read", "told_answer")
    assert [is_participle(name) for name in names] == [True, True, True, False, False, False, False, False]


def test_no_further_function_is_called_by_a_participle_alone() -> None:
    earlier = set(EARLIER.read_text(encoding="utf-8").splitlines())
    assert sorted(found() - earlier) == [], "say what it does to what: a verb and its object"

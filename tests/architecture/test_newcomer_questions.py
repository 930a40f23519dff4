"""Ten questions of a newcomer, each answered by one search for a word.

The search is `git grep -il WORD` over what a reader sees first: the paths of the modules, and the first lines of the
docstrings of modules, classes and functions. Files come in the order of their paths, as git lists them; the answer is among
the first three.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.trees import nodes_of

ROOT = Path(__file__).parents[2]
LOOKED_AT = 3
"""So many files a newcomer opens before the word was the wrong one."""
QUESTIONS = (
    ("where is a write retried?", ("retry",), "bunsui/apply/retry.py"),
    ("where are secrets masked?", ("mask", "redact", "secret"), "bunsui/plan/redaction.py"),
    ("where is the order of deletes decided?", ("delete order",), "bunsui/plan/order.py"),
    ("what waits for eventual consistency?", ("consistency",), "bunsui/refresh/consistency.py"),
    ("where does an alias get its weight?", ("alias", "weight"), "bunsui/aws/providers/state_machine.py"),
    ("where is the lock renewed?", ("lock", "renew"), "bunsui/apply/lease.py"),
    ("what decides that a resume keeps a job?", ("resume", "checkpoint"), "bunsui/sessions/checkpoints.py"),
    ("where does a Lambda's traceback come from?", ("traceback",), "bunsui/sessions/tracebacks.py"),
    ("which file refuses an unknown YAML key?", ("unknown key",), "bunsui/document/schema/check.py"),
    ("where is a Map's concurrency enforced in the emulator?", ("concurrency",), "bunsui/engine/states/map_inline.py"),
    ("where is the concurrency of a distributed Map enforced?", ("concurrency",), "bunsui/engine/states/map_children.py"),
)
CASES = [pytest.param(word, answer, id=f"{question} {word}") for question, words, answer in QUESTIONS for word in words]


@pytest.mark.parametrize(("word", "answer"), CASES)
def test_a_word_leads_to_its_file(word: str, answer: str) -> None:
    assert answer in found(word)[:LOOKED_AT]


def test_the_retry_loop_is_found_by_its_name() -> None:
    assert "bunsui/retry.py" in [path for path in found("retry") if path.endswith("retry.py")]
    assert "bunsui.retry" in (ROOT / "bunsui/apply/retry.py").read_text(encoding="utf-8").splitlines()[0]


def test_a_word_that_stands_nowhere_finds_nothing() -> None:
    assert found("zzyzx") == []


def found(word: str) -> list[str]:
    """Return the modules whose path or whose first docstring lines hold the word in any case, by path."""
    return [path for path, shown in _shown().items() if word in shown]


@cache
def _shown() -> dict[str, str]:
    paths = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "bunsui").rglob("*.py"))
    return {path: "\n".join((path, *_first_lines(ROOT / path))).lower() for path in paths}


def _first_lines(path: Path) -> list[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in nodes_of(path) if isinstance(node, documented)]
    return [text.splitlines()[0] for node in nodes if (text := ast.get_docstring(node))]

"""An error's expression as its author wrote it: what Step Functions names is the compiler's.

There is no stored table from states to lines. The compiled text holds the author's expression with other names, so that it is
found again by compiling each expression of the job, as they stand in the files now, where they are mended. Of one that no file
holds any more, or of another checkout, the names alone are turned back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bunsui.asl.expressions import rewrite, variables
from bunsui.compile.flow import ERRORS, JOBS, OPS, STATUS
from bunsui.compile.reads import job_expressions
from bunsui.compile.values import OF_ITEMS
from bunsui.model.failures import COMPARED
from bunsui.model.pipeline import Pipeline
from bunsui.model.values import Expression
from bunsui.operations.contract import OperationType

_NAMED = re.compile(r"The JSONata expression '(?P<text>[\s\S]*?)' specified for the field '(?P<field>[^']*)'")
_RENAMED: Mapping[str, str] = {"jobs": JOBS, "ops": OPS, "errors": ERRORS, "status": STATUS}
_RESULT = "$states.result"
_NOTHING: frozenset[tuple[str, ...]] = frozenset()
_MOST_CHARACTERS = 4_000
"""Of a compiled expression that is looked at; a longer one is shown as it is."""

Authored = Mapping[str, tuple[Expression, ...]]
"""The expressions of each job that its author wrote."""


def authored_expressions(pipeline: Pipeline, registry: Mapping[str, OperationType]) -> Authored:
    """Return the expressions of each job that have a place in a file."""
    return {
        job.name: tuple(found for found in job_expressions(job, registry) if found.place)
        for job in pipeline.jobs
        if all(operation.type in registry for operation in job.operations)
    }


def in_authors_words(message: str, job: str, authored: Authored) -> str:
    """Return the message of an error with the author's expression, and its place where the job has it."""
    named = _NAMED.search(message)
    if named is None or len(named["text"]) > _MOST_CHARACTERS:
        return message
    compiled = named["text"].strip()
    found = _longest_within(compiled, authored.get(job, ()))
    if found is None:
        return message.replace(named["text"], _names_turned_back(compiled))
    shown = f"The expression {{% {found.text} %}} at {found.place}"
    field = f", in the field '{named['field']}'"
    return message.replace(named.group(), shown + field)


def _longest_within(compiled: str, candidates: tuple[Expression, ...]) -> Expression | None:
    """Return the longest of the expressions that the compiled one holds; None where it holds none, or several of that length
    that differ."""
    holds = [found for found in candidates if any(form and form in compiled for form in _compiled_forms(found))]
    if not holds:
        return None
    longest = max(holds, key=lambda found: len(found.text))
    whole = [found for found in holds if len(found.text) == len(longest.text)]
    others = [found for found in holds if found.text not in longest.text]
    # A field that joins several expressions does not say which of them failed.
    return longest if len({found.text for found in whole}) == 1 and not others else None


def _compiled_forms(expression: Expression) -> tuple[str, ...]:
    """Return how the expression is compiled, where there is a foreach and where there is none."""
    try:
        return tuple(rewrite(expression.text, _RENAMED.get, type_error=COMPARED, known=known) for known in (OF_ITEMS, _NOTHING))
    except ValueError:
        return ()


def _names_turned_back(compiled: str) -> str:
    """Return a compiled expression in the names of a pipeline file."""
    pieces: list[str] = []
    position = 0
    for use in variables(compiled):
        names = {**_RENAMED, "result": _RESULT}.items()
        found = next(((ours, theirs) for ours, theirs in names if compiled.startswith(theirs, use.start)), None)
        if found is not None:
            pieces += [compiled[position : use.start], f"${found[0]}"]
            position = use.start + len(found[1])
    return "".join([*pieces, compiled[position:]])

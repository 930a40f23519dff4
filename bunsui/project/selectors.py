"""Which pipelines a plan is about: names, and what they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from bunsui.errors import InvalidInput
from bunsui.model.pipeline import Pipeline

TOUCHED = "touched"
"""Stands for the pipelines whose files say something else than what was last applied."""
_WORDS = ("tag", "owner", "path")


def chosen(expression: str, pipelines: Iterable[Pipeline]) -> Sequence[str]:
    """Return the names of the pipelines that the expression is about.

    `tag:team` and `tag:team=data` look at tags, `owner:ann` at owners, `path:pipelines/sales/*` at paths; `*` and `?` stand
    for any characters. Anything else is a pipeline's own name.

    Raises:
        InvalidInput: no pipeline is like that.

    """
    word, separator, wanted = expression.partition(":")
    if not separator:
        return [expression]
    if word not in _WORDS:
        raise InvalidInput(
            "unknown-selection",
            "pipelines are not selected by that",
            hint=f"Use touched, {', '.join(f'{known}:…' for known in _WORDS)}, or names.",
            given=expression,
        )
    names = [pipeline.name for pipeline in pipelines if wanted and _is_like(pipeline, word, wanted)]
    if not names:
        raise InvalidInput(
            "nothing-selected", "no pipeline is like that", hint="See all of them:\n  bunsui status", given=expression
        )
    return names


def _is_like(pipeline: Pipeline, word: str, wanted: str) -> bool:
    if word == "owner":
        return fnmatchcase(pipeline.owner, wanted)
    if word == "path":
        return fnmatchcase(pipeline.path, wanted) or pipeline.path.startswith(f"{wanted.rstrip('/')}/")
    key, separator, value = wanted.partition("=")
    return key in pipeline.tags and (not separator or fnmatchcase(pipeline.tags[key], value))

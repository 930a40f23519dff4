"""What a schema cannot see of recovery policies: rules that are never reached, or say what cannot be done."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.job_graph import JobGraph, find_cycle
from bunsui.document.recovery_rules import rule_entries
from bunsui.document.schema.foreign_words import ERROR_CLASS_WORDS
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.failures import ErrorClass
from bunsui.model.json import Json
from bunsui.model.recovery import RULE_STRATEGIES, RecoveryRule, Strategy, never_used

_CLASSES = tuple(kind.value for kind in ErrorClass)
_FIXED_IN_FILES = (ErrorClass.CODE.value, ErrorClass.MEMORY.value, ErrorClass.PAYLOAD.value)
"""Classes of failures that come again as long as code and definition are those of then."""
_TAKEN_BY: Mapping[str, Strategy] = {
    "job": Strategy.RESTART_FROM,
    "output": Strategy.SKIP,
    "owner": Strategy.MANUAL,
    "note": Strategy.MANUAL,
    "deadline": Strategy.MANUAL,
}
_WORD = re.compile(r"[a-z][a-z_-]*")


def check_recovery(document: Document, data: Mapping[str, Json], graph: JobGraph) -> Iterator[Diagnostic]:
    """Return the findings about `recover` of the pipeline and of its jobs; the data may be of any shape."""
    if "definition" in data and "recover" in data:
        yield document.finding(
            "BS373",
            "a raw pipeline takes no recover: a policy is kept in the machine that bunsui compiles",
            ("recover",),
            on_key=True,
            hint="Remove it: `bunsui recover` redrives or restarts its sessions, as fits the failure.",
        )
        return
    yield from _policy(document, ("recover",), data.get("recover"), graph, job="")
    for name, entry in graph.entries.items():
        yield from _policy(document, ("jobs", name, "recover"), entry.get("recover"), graph, job=name)


def _policy(document: Document, path: Path, value: Json, graph: JobGraph, *, job: str) -> Iterator[Diagnostic]:
    entries = list(rule_entries(path, value))
    for place, entry in entries:
        yield from _words(document, place, entry)
        yield from _keys(document, place, entry)
        yield from _begin(document, place, entry, graph, job)
        if entry.get("strategy") == Strategy.SKIP.value and not job:
            yield document.finding(
                "BS372",
                "a skip needs outputs, and each job has its own",
                (*place, "strategy"),
                hint="Write it in the recover: of a job.",
            )
        if entry.get("automatic") is True:
            yield document.finding(
                "BS374",
                "automatic needs a resident that recovers, and today's only looks and tells",
                (*place, "automatic"),
                on_key=True,
                detail="Nobody would carry the rule out.",
                hint="Remove it: `bunsui recover` applies the rule when somebody, or a job in CI, runs it.",
            )
    rules = [rule for _, entry in entries if (rule := _rule(entry)) is not None]
    if len(rules) == len(entries):
        for index, taker in never_used(tuple(rules)).items():
            yield document.finding(
                "BS371",
                f"no failure reaches this rule: rule {taker + 1} takes what it is about",
                entries[index][0],
                severity=Severity.WARNING,
                hint="Put it before that rule, or remove it.",
            )


def _rule(entry: Mapping[str, object]) -> RecoveryRule | None:
    """Return of a rule what decides about when it is used; None for one that the schema refuses."""
    strategy = next((one for one in RULE_STRATEGIES if one.value == entry.get("strategy")), None)
    only, attempts = entry.get("only", []), entry.get("attempts")
    is_right = isinstance(only, (list, tuple)) and (attempts is None or isinstance(attempts, int))
    if strategy is None or not is_right:
        return None
    words = tuple(map(str, only)) if isinstance(only, (list, tuple)) else ()
    return RecoveryRule(strategy=strategy, only=words, attempts=attempts if isinstance(attempts, int) else None)


def _words(document: Document, path: Path, entry: Mapping[str, object]) -> Iterator[Diagnostic]:
    only = entry.get("only")
    for index, word in enumerate(only if isinstance(only, (list, tuple)) else ()):
        if not isinstance(word, str):
            continue
        where = (*path, "only", index)
        if word in _FIXED_IN_FILES and entry.get("strategy") == Strategy.REDRIVE.value:
            yield document.finding(
                "BS375",
                f"a redrive of a {word} failure fails again: it runs the code and the definition of then",
                where,
                severity=Severity.WARNING,
                hint="Write strategy: resume, which runs what is applied now.",
            )
        if hint := _suggest_class(word):
            yield document.finding("BS359", f"no class of errors is called {word}", where, hint=hint, severity=Severity.WARNING)


def _suggest_class(word: str) -> str:
    """Return what a word was probably meant for that is no class; empty for one that may be an error's name."""
    plain = word.lower().replace("-", "_")
    if word in _CLASSES:
        return ""
    if ours := ERROR_CLASS_WORDS.get(plain, "any" if word in ("any", "States.ALL") else ""):
        return "Leave only out: the rule is then about every failure." if ours == "any" else f"Write {ours}."
    near = difflib.get_close_matches(word, _CLASSES, n=1, cutoff=0.75) if _WORD.fullmatch(word) else []
    return f"Did you mean {near[0]}?" if near else ""


def _keys(document: Document, path: Path, entry: Mapping[str, object]) -> Iterator[Diagnostic]:
    strategy = next((one for one in RULE_STRATEGIES if one.value == entry.get("strategy")), None)
    if strategy is None:
        return
    for key, taker in _TAKEN_BY.items():
        if key in entry and strategy is not taker:
            yield document.finding(
                "BS373",
                f"{key} is for strategy {taker.value}, and changes nothing with {strategy.value}",
                (*path, key),
                on_key=True,
                hint=f"Remove it, or write strategy: {taker.value}.",
            )
    if strategy is Strategy.MANUAL and "attempts" in entry:
        yield document.finding(
            "BS373",
            "a manual rule makes no attempts",
            (*path, "attempts"),
            on_key=True,
            hint="Write attempts: at the rules before it: behind them this one counts.",
        )
    if strategy is Strategy.RESTART_FROM and "job" not in entry:
        yield document.finding("BS373", "restart-from needs the job that it begins with", path, hint="Add job: NAME.")


def _begin(document: Document, path: Path, entry: Mapping[str, object], graph: JobGraph, job: str) -> Iterator[Diagnostic]:
    name = entry.get("job")
    if not isinstance(name, str) or entry.get("strategy") != Strategy.RESTART_FROM.value:
        return
    if name not in graph.entries:
        near = difflib.get_close_matches(name, list(graph.entries), n=1, cutoff=0.6)
        hint = f"Did you mean {near[0]}?" if near else f"The jobs are: {', '.join(graph.entries)}."
        yield document.finding("BS376", f"there is no job {name} to begin with", (*path, "job"), hint=hint)
    elif job and find_cycle(graph.depends_on) is None and name not in (job, *graph.ancestors(job)):
        yield document.finding(
            "BS376",
            f"{job} does not depend on {name}: that it runs again changes nothing for it",
            (*path, "job"),
            severity=Severity.WARNING,
            hint="Name the job itself or one before it.",
        )

"""Asking all questions, and keeping the answers as cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.aws_account.account import ROOT, Account
from tests.aws_account.bench import Bench
from tests.aws_account.control_plane import CONTROL_PLANE
from tests.aws_account.questions import Answer, Question, anonymous
from tests.aws_account.run_time import RUN_TIME
from tests.aws_account.walk import Step, Walk

CASES = ROOT / "tests/cases/aws_account"
QUESTIONS = (*CONTROL_PLANE, *RUN_TIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with its answer."""

    question: Question
    answer: Answer | None
    """None where the question could not be asked."""
    why: str
    """Why it could not."""
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that was learnt of an account."""

    steps: tuple[Step, ...]
    seen: dict[str, Any]
    asked: tuple[Asked, ...]

    @property
    def is_as_relied_on(self) -> bool:
        """Tell whether every step went and every answer is what bunsui relies on."""
        return all(step.went for step in self.steps) and all(one.holds for one in self.asked)

    def lines(self) -> Iterator[str]:
        """Return the report as text."""
        for step in self.steps:
            if not step.went:
                yield f"FAIL {step.name}: exit {step.code}\n{step.told}"
        for name, value in self.seen.items():
            yield f"seen {name}: {json.dumps(value)}"
        for one in self.asked:
            word = "holds" if one.holds else "OTHER" if one.answer is not None else "NOT ASKED"
            yield f"{word} {one.question.name}: {one.why or json.dumps(one.answer)}"


def ask_all(account: Account, walk: Walk) -> Report:
    """Ask every question, each for itself: one that fails does not keep the others from being asked."""
    asked = []
    for question in QUESTIONS:
        print(f"asking {question.name}", flush=True)
        asked.append(_asked(account, question))
    return Report(steps=tuple(walk.steps), seen=walk.seen, asked=tuple(asked))


def _asked(account: Account, question: Question) -> Asked:
    try:
        answer = question.ask(Bench(account, question.name))
    except (ClientError, BotoCoreError) as problem:
        return Asked(question=question, answer=None, why=str(problem), holds=False)
    return Asked(question=question, answer=answer, why="", holds=bool(question.holds(answer)))


def write(report: Report, account: Account, folder: Path) -> None:
    """Keep the answers, one file each, and the walk; without what tells of the account."""
    folder.mkdir(parents=True, exist_ok=True)
    day = datetime.now(UTC).date().isoformat()
    for one in report.asked:
        if one.answer is not None:
            told = {"asks": one.question.asks, "relies": one.question.relies, "answered": dict(one.answer), "on": day}
            _kept(folder / f"{one.question.name}.json", {**told, "holds": one.holds}, account)
    steps = [{"step": step.name, "went": step.went, "exit": step.code, "told": step.told} for step in report.steps]
    _kept(folder / "walk.json", {"steps": steps, "seen": report.seen, "on": day}, account)


def _kept(path: Path, value: Any, account: Account) -> None:
    path.write_text(json.dumps(anonymous(value, account), indent=2, sort_keys=True) + "\n", encoding="utf-8")

"""An operation that is repeated until its answer is the one that is waited for: operation -> Choice -> Wait -> operation.

A first state notes when the poll began, in a variable of its own, so that neither retries nor other branches move the deadline.
The last question is asked when the time is up: the last wait is shortened to it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Choice, Fail, Pass, Rule, State, Wait, code
from bunsui.asl.truth import condition_cause, no_truth
from bunsui.compile.context import OperationContext, Repeated
from bunsui.compile.flow import INPUT, OPS
from bunsui.compile.values import path
from bunsui.model.durations import format_duration
from bunsui.model.failures import CONDITION
from bunsui.model.json import Json
from bunsui.model.names import digest8
from bunsui.model.pipeline import Poll
from bunsui.model.values import Expression

FAILED = "Bunsui.PollFailed"
TIMED_OUT = "Bunsui.PollTimedOut"
VARIABLE = "poll_"
"""How the variables of polls begin; `bunsui.sessions.shape` knows a poll by it."""
_ENTERED = "$states.context.State.EnteredTime"
_MOST_COUNTED = 30_000
"""Waits that are added up one by one; after that all count as long as the last."""
_SHOWN = 500
"""Characters of the last answer in an error's cause."""


def emit_polled(
    context: OperationContext, poll: Poll, emit: Callable[[OperationContext], dict[str, State]]
) -> dict[str, State]:
    """Return the states of a polled operation, the one that notes the beginning first; `emit` gives those of the operation."""
    asked, looks, waits = context.sub("poll"), context.sub("polled"), context.sub("wait")
    inner = emit(replace(context, state=asked, next=looks, finish=None, produced=[]))
    writer = _PollWriter(context=context, poll=poll, answer=path(OPS, context.operation.id))
    states: dict[str, State] = {context.state: writer.begin(asked), **inner, looks: writer.look(waits)}
    states |= {waits: writer.wait(asked), **writer.more}
    repeats = context.site.repeats
    for name in (*inner, looks, waits):
        repeats[name] = _repeat_inner(poll, repeats.get(name))
    return states


def _repeat_inner(poll: Poll, inner: Repeated | None) -> Repeated:
    """Time that an inner poll spends is missing for the questions of the outer one, so that their numbers do not multiply."""
    questions, within = most_polls(poll), poll.timeout_seconds
    if inner is None:
        return Repeated(times=questions, every_seconds=poll.every_seconds, within_seconds=within)
    within += inner.within_seconds
    return Repeated(
        times=min(questions * inner.times, questions + math.ceil(within / inner.every_seconds)),
        every_seconds=min(poll.every_seconds, inner.every_seconds),
        within_seconds=within,
    )


def most_polls(poll: Poll) -> int:
    """Return how often it is asked at most, when every answer comes at once; beyond any limit a little more than that."""
    waits, passed, wait = 0, 0, float(poll.every_seconds)
    longest = poll.max_delay_seconds
    while passed < poll.timeout_seconds:
        whole = math.ceil(wait if longest is None else min(wait, longest))
        if poll.backoff <= 1 or (longest is not None and wait >= longest) or waits >= _MOST_COUNTED:
            return 1 + waits + math.ceil((poll.timeout_seconds - passed) / whole)
        waits, passed, wait = waits + 1, passed + whole, wait * poll.backoff
    return 1 + waits


def variable_of(state: str) -> str:
    """Return the variable of the poll that begins in the state: no other state has it, since an inner scope may not assign what
    an outer one holds."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", state)[:60]
    return VARIABLE + (plain if plain == state else f"{plain}_{digest8(state)}")


class _PollWriter:
    """Writes the states around the operation."""

    def __init__(self, *, context: OperationContext, poll: Poll, answer: str) -> None:
        self.context = context
        self.poll = poll
        self.answer = answer
        self.variable = variable_of(context.state)
        self.more: dict[str, State] = {}
        self._seen = replace(context, before=context.before.then(context.operation.id))

    def begin(self, asked: str) -> Pass:
        poll = self.poll
        noted: dict[str, Json] = {"since": code(_ENTERED), "polls": 1}
        if poll.backoff > 1:
            noted["wait"] = poll.every_seconds
        comment = f"Polls every {format_duration(poll.every_seconds)}, for {format_duration(poll.timeout_seconds)} at most"
        return Pass(assign={self.variable: noted}, next=asked, comment=comment)

    def look(self, waits: str) -> Choice:
        rules = []
        if self.poll.fail_if is not None:
            rules += self._told_truth(self.poll.fail_if, "fail_if")
            cause = f"{string_literal(f'fail_if of {self._entry_name} holds')} & {self._told_so_far}"
            comment = "fail_if holds"
            rules.append(self._failing(self._seen.expression(self.poll.fail_if), "poll-failed", FAILED, cause, comment))
        rules += self._told_truth(self.poll.until, "until")
        rules.append(self._done_rule())
        spent = f"$toMillis({_ENTERED}) - $toMillis(${self.variable}.since) >= {1000 * self.poll.timeout_seconds}"
        limit = format_duration(self.poll.timeout_seconds)
        cause = f"{string_literal(f'until of {self._entry_name} did not hold within {limit}')} & {self._told_so_far}"
        rules.append(self._failing(spent, "poll-timeout", TIMED_OUT, cause, f"{limit} are over"))
        return Choice(rules=tuple(rules), default=waits, comment="Is the answer there?")

    def _told_truth(self, condition: Expression, key: str) -> list[Rule]:
        """Return the rule by which a condition that is neither true nor false fails the poll, where it may be so."""
        written = self._seen.expression(condition)
        neither = no_truth(condition.text, written)
        if neither is None:
            return []
        cause = f"{condition_cause(f'{key} of {self._entry_name}', written)} & {self._told_so_far}"
        return [
            self._failing(neither, f"poll-{key.replace('_', '-')}", CONDITION, cause, f"{key} gives neither true nor false")
        ]

    def wait(self, asked: str) -> Wait:
        poll, own = self.poll, f"${self.variable}"
        left = f"$toMillis({own}.since) + {1000 * poll.timeout_seconds} - $toMillis({_ENTERED})"
        pause = f"{own}.wait" if poll.backoff > 1 else str(poll.every_seconds)
        noted: dict[str, Json] = {"since": code(f"{own}.since"), "polls": code(f"{own}.polls + 1")}
        if poll.backoff > 1:
            # Beyond the timeout a wait is cut anyway, and a number that grows without end would leave the range of numbers.
            longest = poll.timeout_seconds if poll.max_delay_seconds is None else poll.max_delay_seconds
            noted["wait"] = code(f"$min([{own}.wait * {poll.backoff:g}, {longest}])")
        return Wait(
            seconds=code(f"$max([0, $min([$ceil({pause}), $ceil(({left}) / 1000)])])"),
            assign={self.variable: noted},
            next=asked,
            comment="Until the next poll",
        )

    @property
    def _entry_name(self) -> str:
        return self.context.state

    @property
    def _told_so_far(self) -> str:
        """How often it was asked, and the last answer, as JSONata."""
        polls = f"${self.variable}.polls"
        counted = f"$string({polls}) & ({polls} = 1 ? ' poll' : ' polls')"
        return f"' after ' & {counted} & '; the last answer: ' & $substring($string({self.answer}), 0, {_SHOWN})"

    def _done_rule(self) -> Rule:
        context = self.context
        output = context.output(self.answer) if context.finish is not None else None
        following = context.next
        if following is None:
            following = context.sub("done")
            self.more[following] = Pass(output=output, comment="The answer is there")
            output = None
        return Rule(
            condition=code(self._seen.expression(self.poll.until)), next=following, output=output, comment="until holds"
        )

    def _failing(self, condition: str, suffix: str, error: str, cause: str, comment: str) -> Rule:
        catch = self.context.catch
        if catch:
            # A Choice cannot catch: it goes where the operation's own failure would go, with the same data.
            found = f"{{'Error': '{error}', 'Cause': {cause}}}"
            output = code(f"$merge([{INPUT}, {{'error': {found}}}])")
            return Rule(condition=code(condition), next=catch[0].next, output=output, comment=comment)
        name = self.context.sub(suffix)
        self.more[name] = Fail(error=error, cause=code(cause))
        return Rule(condition=code(condition), next=name, comment=comment)

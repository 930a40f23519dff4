"""What came of saying a definition in jobs, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bunsui.services.adoption.lifting.attempt import LiftAttempt
from bunsui.services.adoption.lifting.machines import PipelineLift
from bunsui.view.safe import safe_lines
from bunsui.view.spans import Line, Role, line, span


def lift_lines(lift: LiftAttempt) -> Iterator[Line]:
    """Return whether it has jobs now, and what that rests on; or why it stays a definition, and where."""
    if lift.content is None:
        yield line(span("stays a definition   ", Role.WARN), span(lift.refusal), indent=2)
        return
    yield line(span("jobs   ", Role.GOOD), span(proof_words(lift)), indent=2)
    if lift.found is not None and lift.found.reads_input:
        words = 'started with {"params": {"input": …}} in place of the input alone: tell whoever starts it'
        yield line(span(words, Role.WARN), indent=2)
    if lift.found is not None and lift.found.results:
        words = f"its result stands under {', '.join(f'{job}.result' for job in lift.found.results)}"
        yield line(span(words, Role.HINT), indent=2)


def proof_words(lift: LiftAttempt) -> str:
    """Return what was run to show that the jobs behave alike."""
    if lift.compared is None:
        return ""
    taken, rules = lift.compared.rules_taken, lift.compared.rules
    choices = f", {taken} of {rules} ways of its Choice states" if rules else ""
    return f"{lift.compared.situations} situations run in both, alike in calls, times, result and error{choices}"


def pipeline_lift_lines(lifts: Sequence[PipelineLift]) -> Iterator[Line]:
    """Return what each pipeline's file would be."""
    for one in lifts:
        yield line(span("~ " if one.attempt.content is not None else "= ", Role.ADOPT), span(one.pipeline, Role.NAME))
        yield from lift_lines(one.attempt)
        if one.attempt.content is None:
            continue
        yield line(span(f"~ {one.path}", Role.UPDATE), indent=2)
        yield from (line(span(text), indent=6) for text in safe_lines(one.attempt.content.decode().rstrip()))
        if one.removes_definition:
            yield line(span(f"- {one.definition}", Role.DELETE), indent=2)


def surveyed_lift_lines(lifts: Mapping[str, LiftAttempt]) -> Iterator[Line]:
    """Return which machines could be said in jobs; nothing where that was not asked."""
    if not lifts:
        return
    yield line()
    ready = sum(one.content is not None for one in lifts.values())
    yield line(span(f"{ready} of {len(lifts)} machines can be said in jobs", Role.STRONG))
    for arn, one in lifts.items():
        name = arn.rpartition(":")[2]
        words = f"jobs: {proof_words(one)}" if one.content is not None else f"stays a definition: {one.refusal}"
        yield line(span(name, Role.NAME), span(f"  {words}"), indent=2)

"""A failure as a screen shows it: code, summary, facts and hint, never a traceback of ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from traceback import extract_tb

from bunsui.errors import AccessDenied, BunsuiError
from bunsui.view.commands import hint_lines
from bunsui.view.safe import safe, safe_lines
from bunsui.view.spans import Line, Role, line, span


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProblem:
    """What went wrong, for reading."""

    code: str
    summary: str
    facts: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    is_denied: bool = False
    """True when credentials are missing, expired or too weak, so that asking again would only fail again."""

    @property
    def banner(self) -> Line:
        """The problem on one line, with the next step."""
        told = next((value for name, value in self.facts if name == "message"), "")
        return line(
            span(self.summary, Role.BAD),
            span(f"  ({self.code})", Role.MUTED),
            span(f"  {told}" if told else "", Role.MUTED),
            *(part for item in hint_lines(self.hint, Role.HINT) for part in (span("  "), *item.parts)),
        )


def problem_of(error: BaseException) -> ShownProblem:
    """Return the problem that an exception stands for; one that is not ours is a defect, and says so."""
    if isinstance(error, BunsuiError):
        return ShownProblem(
            code=error.code,
            summary=error.summary,
            facts=tuple(error.facts.items()),
            hint=error.hint,
            is_denied=isinstance(error, AccessDenied),
        )
    return ShownProblem(
        code="unexpected",
        summary="something went wrong inside bunsui",
        facts=(("message", f"{type(error).__name__}: {error}"), ("at", _place_of(error))),
        hint="This is a defect. The command that does the same shows the whole report.",
    )


def with_way_to_project(problem: ShownProblem) -> ShownProblem:
    """Return the problem that there is no project with the keys that make one; any other as it is."""
    if problem.code != "no-project":
        return problem
    return replace(problem, hint=f"In the Builder, key 4, n makes a project in this folder.\n{problem.hint}")


def _place_of(error: BaseException) -> str:
    """Return the file and line in which the exception was raised."""
    frames = extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def problem_lines(problem: ShownProblem) -> tuple[Line, ...]:
    """Return the problem in full: summary and code, the facts, the hint."""
    lines = [line(span("✗ ", Role.BAD), span(problem.summary, Role.STRONG), span(f"  ({problem.code})", Role.MUTED)), line()]
    width = max((len(name) for name, _ in problem.facts), default=0)
    for name, value in problem.facts:
        first, *rest = safe_lines(value)
        lines.append(line(span(f"{safe(name):<{width}}  ", Role.MUTED), first, indent=2))
        lines.extend(line(text, indent=width + 4) for text in rest)
    if problem.hint:
        lines.append(line())
        lines.extend(item.indented(2) for item in hint_lines(problem.hint, Role.HINT))
    return tuple(lines)

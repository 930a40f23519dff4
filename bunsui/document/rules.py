"""What a project, or one of its pipelines, says about findings: that they matter more, less, or are accepted for a reason.

An accepted finding stays a finding: it is shown folded, with its reason, and counted. What is an error is never accepted, since
what it is about cannot be planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from bunsui.diagnostics import Acceptance, Diagnostic, Severity
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline


class Level(StrEnum):
    """What becomes of a finding."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRule:
    """One line about one code."""

    code: str
    level: Level
    reason: str = ""
    """Why; never empty for an acceptance."""
    until: date | None = None
    """The last day on which it holds; None means that it has no end."""
    pipelines: frozenset[str] | None = None
    """The pipelines that it is about; None means all, and findings about none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules, as of a day."""

    of_project: tuple[FindingRule, ...] = ()
    """Of several for one code, the first that is about the pipeline counts."""
    of_pipelines: Mapping[str, tuple[FindingRule, ...]] = field(default_factory=dict)
    """Acceptances that stand in pipeline files, by the pipeline's name. What the project makes an error, they do not touch."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Names of pipelines by their files."""
    today: date | None = None
    """None: nothing has come to its end."""

    def on(self, today: date) -> Rules:
        """Return the rules as they hold on that day."""
        return replace(self, today=today)

    def beside(self, pipelines: Iterable[Pipeline]) -> Rules:
        """Return the rules with what stands in the files of these pipelines."""
        files: dict[str, str] = {}
        own: dict[str, tuple[FindingRule, ...]] = {}
        for pipeline in pipelines:
            files[pipeline.path] = pipeline.name
            if pipeline.definition is not None:
                files[pipeline.definition.path] = pipeline.name
            if pipeline.accepted:
                own[pipeline.name] = tuple(
                    FindingRule(code=one.code, level=Level.ACCEPT, reason=one.reason, until=one.until)
                    for one in pipeline.accepted
                )
        return replace(self, of_pipelines=own, files=files)

    def applied(self, findings: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return the findings in the same order, raised, lowered or marked as accepted; none is left out."""
        return tuple(self._judge(finding) for finding in findings)

    def _judge(self, finding: Diagnostic) -> Diagnostic:
        pipeline = self._pipeline(finding)
        said = finding
        rule = next(_about(self.of_project, finding.code, pipeline), None)
        if rule is not None:
            said = self._apply_rule(finding, rule, in_place=False)
        own = next(_about(self.of_pipelines.get(pipeline, ()), finding.code, pipeline), None)
        return said if own is None or said.accepted else self._apply_rule(said, own, in_place=True)

    def _apply_rule(self, finding: Diagnostic, rule: FindingRule, *, in_place: bool) -> Diagnostic:
        where = "the pipeline's file" if in_place else "bunsui.yaml"
        if finding.is_error:
            return _add_note(finding, f"{where} accepts {rule.code}, but an error cannot be accepted.", rule)
        if rule.until is not None and self.today is not None and self.today > rule.until:
            return _add_note(finding, f"It was accepted in {where} until {rule.until}, which is over: {rule.reason}", rule)
        if rule.level is not Level.ACCEPT:
            return replace(finding, severity=Severity(rule.level.value))
        until = rule.until.isoformat() if rule.until is not None else ""
        return replace(finding, accepted=Acceptance(reason=rule.reason, until=until, in_place=in_place))

    def _pipeline(self, finding: Diagnostic) -> str:
        if finding.subject.count("."):
            return finding.subject.split(".")[1]
        return self.files.get(finding.position.file, "") if finding.position is not None else ""


def read_rules(value: Mapping[str, Json]) -> tuple[FindingRule, ...]:
    """Return the rules of the project file, which was checked: `CODE: level`, `CODE: {level, …}`, or a list of these."""
    rules: list[FindingRule] = []
    for code, entry in value.items():
        for one in entry if isinstance(entry, list) else [entry]:
            said: Mapping[str, Json] = one if isinstance(one, Mapping) else {"level": one}
            names = said.get("pipelines")
            until = said.get("until")
            rules.append(
                FindingRule(
                    code=code,
                    level=Level(str(said.get("level", "accept"))),
                    reason=str(said.get("reason", "")),
                    until=date.fromisoformat(until) if isinstance(until, str) else None,
                    pipelines=frozenset(map(str, names)) if isinstance(names, list) else None,
                )
            )
    return tuple(rules)


def is_day(text: Json) -> bool:
    """Tell whether the text is a day of the calendar, as 2027-01-31."""
    try:
        return isinstance(text, str) and len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _about(rules: Iterable[FindingRule], code: str, pipeline: str) -> Iterator[FindingRule]:
    return (rule for rule in rules if rule.code == code and (rule.pipelines is None or pipeline in rule.pipelines))


def _add_note(finding: Diagnostic, note: str, rule: FindingRule) -> Diagnostic:
    if rule.level is not Level.ACCEPT:
        return finding
    return replace(finding, detail=f"{finding.detail} {note}".lstrip())

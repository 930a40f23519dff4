"""What the role of a raw definition needs, derived from what stands in it. The definition itself is passed on untouched."""

from __future__ import annotations

from collections.abc import Iterable

from bunsui.compile.context import CompilerSettings
from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.model.pipeline import Pipeline
from bunsui.operations.contract import Permission, StateNeeds
from bunsui.operations.integrations.state_needs import StateOwner, definition_needs, is_met


def raw_permissions(
    pipeline: Pipeline, setting: CompilerSettings, said: Iterable[Permission]
) -> tuple[tuple[Permission, ...], tuple[Diagnostic, ...]]:
    """Return the permissions of a raw pipeline's states, and a finding for each whose needs cannot be told.

    `said` are those of its key `permissions`: what they allow needs no finding.
    """
    assert pipeline.definition is not None, "only called for raw pipelines"
    machine = StateOwner(name=setting.machine_name(pipeline.name), scope=setting.scope)
    allowed = tuple(said)
    found: list[Permission] = []
    findings: list[Diagnostic] = []
    for needs in definition_needs(pipeline.definition.document, machine):
        found += needs.permissions
        if needs.unmet and not is_met(needs.unmet, allowed):
            findings.append(unmet_finding(needs, Position(pipeline.definition.path, 1, 1)))
    return (*found, *allowed), tuple(findings)


def unmet_finding(needs: StateNeeds, position: Position | None) -> Diagnostic:
    """Return the finding about a state whose needs nobody can tell."""
    return Diagnostic(
        code="BS407",
        severity=Severity.WARNING,
        summary=f"the permissions that {needs.called} needs cannot be derived: {', '.join(needs.unmet)}",
        position=position,
        pointer=needs.pointer,
        detail="The machine's role will lack them, and the state will fail with an access error.",
        hint="Name what it works on literally, or allow it: permissions: [{actions: […], resources: […]}].",
    )

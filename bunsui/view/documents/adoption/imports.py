"""Machines of others that were taken over, as a JSON document."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, Shape, member
from bunsui.services.adoption.importing import ImportedMachine, ImportStatus
from bunsui.services.adoption.lifting.machines import PipelineLift
from bunsui.services.adoption.owners import OwnerKind
from bunsui.view.documents.adoption.lifted import LiftedPipelinePart, lifted_parts


class ImportedMachinePart(ShapeOf[ImportedMachine]):
    """A machine that was asked for."""

    name: str = member("Its name in AWS.", of="candidate.machine.name")
    arn: str = member("Its ARN.", of="candidate.machine.arn")
    pipeline: str = member("The pipeline that it is, or would be.", of="candidate.pipeline")
    status: ImportStatus = member(
        "`imported`: it is the project's now, and its plan is empty; `known`: it was already; `blocked`: it cannot be;"
        " `undone`: files and tags are as before; `left`: it could not be given back, so that its file stays;"
        " `new`: it would be, and nothing was written; `observed`: somebody else owns it, it is planned and watched, never"
        " written; `watch`: it would be observed; `waiting`: its owner has steps to do before a handover."
    )
    owner: OwnerKind = member("Who owned it when it was asked for, as far as one can tell.", of="candidate.owner.kind")
    owned_by: str = member("The stack, the address in Terraform's state; empty for nobody.", of="candidate.owner.name")
    steps: tuple[str, ...] = member("What its owner has to do first, line by line.", of="candidate.steps")
    reason: str = member("Why it is blocked, undone or left; else empty.")


class ImportDocument(Shape, kind="import"):
    """Of `import`: machines that others made, taken over."""

    complete: bool = member("True when every machine that could be imported is.")
    machines: tuple[ImportedMachinePart, ...] = member("Every machine that was asked for, by name.")
    files: tuple[str, ...] = member("The files that were written, from the project's root.")
    jobs: tuple[LiftedPipelinePart, ...] | Absent = member(
        "With `--as jobs`: every pipeline that had a definition.", default=ABSENT
    )


def import_document(
    machines: tuple[ImportedMachine, ...],
    files: tuple[str, ...],
    *,
    is_complete: bool,
    lifts: Sequence[PipelineLift] | None = None,
) -> ImportDocument:
    """Return the document of `bunsui import --json`."""
    parts = tuple(map(ImportedMachinePart.of, machines))
    return ImportDocument(
        complete=is_complete, machines=parts, files=files, jobs=ABSENT if lifts is None else lifted_parts(lifts)
    )

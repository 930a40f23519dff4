"""Outside changes that are kept: what that would write into the files, and writing it once it was shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bunsui.errors import Refused

if TYPE_CHECKING:
    from bunsui.plan.model import ResourceChange
    from bunsui.project.repository import Repository
    from bunsui.services.drafting.outside import KeptOutside
    from bunsui.tui.opened_project import OpenedProject


def foresee_kept(project: OpenedProject, change: ResourceChange) -> KeptOutside:
    """Return what keeping the change that was made outside would write; nothing is written.

    Raises:
        NotFound: the pipeline has no file that can be read.

    """
    from bunsui.services.drafting.outside import keep_outside

    repository, _ = project.reconcile(anew=False)
    return keep_outside(repository, _root(repository), change)


def write_kept(project: OpenedProject, kept: KeptOutside) -> tuple[str, ...]:
    """Write the drafts that were shown, and return the files.

    Raises:
        Refused: a file changed since.
        InvalidInput: a file cannot be written.

    """
    from bunsui.services.drafting.writing import write_draft

    root = _root(project.reconcile(anew=False)[0])
    return tuple(write_draft(root, draft, digest=draft.diff().digest).file for draft in kept.drafts)


def _root(repository: Repository) -> Path:
    from bunsui.project.files import RootFolder

    if not isinstance(repository.source, RootFolder):
        raise Refused("no-files", "there are no files here to write into", hint="Work in a checkout of the project.")
    return repository.source.root

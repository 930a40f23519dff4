"""What asks whether referred objects are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bunsui.composition.workspace import Workspace
    from bunsui.ports.account import ReferenceReader


def reference_reader(workspace: Workspace) -> ReferenceReader:
    """Return the reader of the workspace's account.

    Raises:
        Refused: `wrong-account`, when the credentials belong to another account than the environment declares.

    """
    from bunsui.aws.references.reader import AwsReferenceReader  # deferred: few commands look

    workspace.reconcile.account_checked()
    return AwsReferenceReader(workspace.connection)

"""Of what the resident of an environment is made, where the environment has one."""

from __future__ import annotations

from bunsui.document.project import EnvironmentDocument
from bunsui.model.environment.resident import ResidentCode


def resident_of(environment: EnvironmentDocument) -> ResidentCode | None:
    """Return bunsui's own code, as it is installed; None without a resident. Reads some hundred files where there is one."""
    if not environment.resident:
        return None
    from bunsui.packaging.own_code import own_code

    return own_code()

"""Refuses a data folder that a newer bunsui wrote, before anything in it is moved or written over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bunsui.emulator.launcher.folder import DataFolder
from bunsui.emulator.stepfunctions.store.snapshot import check_stored
from bunsui.stored_words import StoredForm, StoredItem, written_by


def check_known(folder: DataFolder) -> None:
    """Check that this bunsui knows what its own files in the folder say. What cannot be read at all is for others to tell.

    Raises:
        Refused: a newer one wrote them.

    """
    deaths = _read(folder.deaths)
    if "format" in deaths:
        item = StoredItem(name=folder.deaths.name, written_by=written_by(deaths.get("written_by")))
        item.check_format(deaths["format"], StoredForm.DEATHS)
    executions = _read(folder.state / "stepfunctions.json").get("payload")
    if isinstance(executions, dict):
        try:
            check_stored(executions)
        except (AttributeError, KeyError, TypeError, ValueError):
            return  # it is damaged: the start moves it aside, and says so


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}

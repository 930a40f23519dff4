"""Loads what an earlier run saved. What cannot be read is moved aside and told, never skipped in silence or overwritten."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bunsui.emulator.launcher.folder import DataFolder

_log = logging.getLogger("bunsui.emulator")


def set_aside_unreadable(folder: DataFolder) -> list[str]:
    """Move every state file that is not whole to the damaged folder; give one sentence for each."""
    notices = []
    for path in sorted(folder.state.glob("*.json")):
        problem = _problem(path)
        if problem:
            notices.append(_set_aside(folder, path, problem))
    for leftover in folder.state.glob("*.partial"):
        leftover.unlink(missing_ok=True)
    return notices


def restorer(
    folder: DataFolder,
    services: Mapping[str, str],
    load: Callable[[str], Any],
    module: Callable[[str], Any],
    notices: list[str],
) -> Callable[[], None]:
    """Return the function that restores every service of the state folder.

    `services` maps the name of a state file to the emulator's module. A file that the module refuses is moved aside like one
    that is not whole: the next save would overwrite it otherwise. Sentences are added to `notices`.
    """

    def restore() -> None:
        for service, module_name in services.items():
            path = folder.state / f"{service}.json"
            if not path.exists():
                continue
            try:
                state = load(service)
                if state is None:
                    raise ValueError("written by a newer emulator")
                if state:
                    module(module_name).load_persisted_state(state)
            except Exception as problem:  # noqa: BLE001 - foreign code reading a foreign file may raise anything
                notices.append(_set_aside(folder, path, str(problem)))

    return restore


def _problem(path: Path) -> str:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as problem:
        return str(problem)
    if not isinstance(document, dict):
        return "it holds something else than an object"
    return ""


def _set_aside(folder: DataFolder, path: Path, problem: str) -> str:
    folder.damaged.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    kept = folder.damaged / f"{path.stem}-{stamp}.json"
    path.replace(kept)
    notice = (
        f"The saved state of the service {path.stem} could not be read ({problem}), so what it held is gone from the embedded"
        f" AWS. The file was moved to {kept}."
    )
    _log.error("%s", notice)
    return notice

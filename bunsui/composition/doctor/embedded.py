"""Collect facts of a project's embedded AWS, without starting it."""

from __future__ import annotations

import importlib.util
from dataclasses import asdict, replace
from pathlib import Path

from bunsui.composition.doctor.machine import unreadable
from bunsui.composition.own_folder import project_folder
from bunsui.emulator.launcher.folder import DataFolder, read_announcement
from bunsui.emulator.launcher.launcher import LocalEndpoint, status
from bunsui.emulator.launcher.lock import check_emulator
from bunsui.errors import BunsuiError
from bunsui.folders.filelock import holder
from bunsui.ports.cloud import Caller
from bunsui.services.doctor.embedded import EmbeddedFacts


def embedded_facts(root: Path | None) -> EmbeddedFacts | None:
    """Return what can be found out; None without a project."""
    if root is None:
        return None
    is_installed = importlib.util.find_spec("ministack") is not None
    facts = EmbeddedFacts(is_installed=is_installed, emulator=_emulator_problem() if is_installed else None)
    try:
        return _with_folder(facts, root)
    except BunsuiError as problem:
        return replace(facts, problem=problem)
    except OSError as error:
        return replace(facts, problem=unreadable(root, error))


def _emulator_problem() -> BunsuiError | None:
    try:
        check_emulator()
    except BunsuiError as problem:
        return problem
    return None


def _with_folder(facts: EmbeddedFacts, root: Path) -> EmbeddedFacts:
    place = project_folder(root, notice=lambda _: None)
    found = replace(facts, put_aside=len(place.put_aside()))
    own = place.look()
    if own is None:
        return replace(found, has_strangers=place.has_strangers())
    if not own.local.is_dir():
        return found
    folder, looked = DataFolder(own.local), status(own.local)
    announced, pid = read_announcement(folder), holder(folder.running_lock)
    known = replace(
        found,
        folder=str(own.local),
        size_bytes=looked.size_bytes,
        pid=pid or 0,
        running_version=announced.version if announced is not None else "",
        is_silent=pid is not None and looked.endpoint is None,
        left_by_a_dead_one=pid is None and folder.ready.exists(),
        unsaved=looked.unsaved,
    )
    if looked.endpoint is None:
        return known
    try:
        return replace(known, url=looked.endpoint.url, pid=looked.endpoint.pid, caller=_caller(looked.endpoint))
    except BunsuiError as problem:
        return replace(known, url=looked.endpoint.url, pid=looked.endpoint.pid, caller_problem=problem)


def _caller(endpoint: LocalEndpoint) -> Caller:
    from bunsui.aws.botocore_session import Credentials
    from bunsui.aws.connect import connect
    from bunsui.aws.identity import StsIdentity

    connection = connect(region=endpoint.region, endpoint_url=endpoint.url, credentials=Credentials(**asdict(endpoint.keys())))
    try:
        return StsIdentity(connection).caller()
    finally:
        connection.close()

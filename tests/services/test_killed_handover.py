"""An import or a handover, killed at any write of files, state or AWS: one owner, nothing lost, and the next finishes it."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bunsui.apply.events import ApplyEvent
from bunsui.apply.stop import Stop
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.resource import ActualResource
from bunsui.plan.model import Action
from bunsui.services.adoption.importing import ImportStatus, ProjectFiles, admit_import, take_over
from bunsui.services.adoption.proof import prove
from bunsui.services.apply.patience import Patience
from bunsui.services.apply.request import Answers
from tests.fakes.mortal_ports import Killed, Mortality, MortalPort, mortal_ports
from tests.fakes.workspace import a_workspace
from tests.faults.amount import some
from tests.services.test_import import TEXT, Theirs, files_of, imported, of_stack, planned

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")

MOST = 16
"""No import of one machine writes so often."""
POINTS = some([(at, is_after) for at in range(1, MOST) for is_after in (False, True)], every=3)


class ProcessMortality(Mortality):
    """One that ends the whole process, whichever thread it met."""

    def passing(self, call: Callable[[], Any]) -> Any:
        was_dead = self.is_dead
        try:
            return super().passing(call)
        except Killed:
            main = threading.main_thread()
            if not was_dead and threading.current_thread() is not main and main.ident is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(main.ident), ctypes.py_object(Killed))
            raise


class MortalProvider(MortalPort):
    """A provider that can die while it hands a machine back."""

    def hand_back(self, actual: ActualResource, before: ActualResource) -> None:
        self._mortality.passing(lambda: self._inner.hand_back(actual, before))


def mortal_files(files: ProjectFiles, mortality: Mortality) -> ProjectFiles:
    def mortal(work: Callable[..., None]) -> Callable[..., None]:
        return lambda *given: mortality.passing(lambda: work(*given))

    return ProjectFiles(write=mortal(files.write), remove=mortal(files.remove), replace=mortal(files.replace))


def die_while_importing(theirs: Theirs, mortality: Mortality, *, hands_over: bool = False) -> None:
    """Import and prove, as the command line does; the process may die of it."""
    workspace = theirs.workspace
    found = planned(theirs, "nightly", hands_over=hands_over)
    ports: Any = mortal_ports(workspace.ports, mortality)
    ports = replace(ports, providers={kind: MortalProvider(one, mortality) for kind, one in workspace.ports.providers.items()})
    admission = None
    if found.plan is not None:
        admission = admit_import(found, workspace.repository, ports, Answers(agreed=True))
    files, events = mortal_files(files_of(theirs), mortality), list[ApplyEvent]()
    try:
        events.extend(take_over(found, admission, ports, files, stop=Stop()))
        prove(found, events, workspace.repository, ports, files=files, patience=Patience(seconds=0))
    except Killed:
        assert mortality.is_dead
    else:
        assert mortality.calls < mortality.at
    workspace.clock.sleep(600)  # as long as nobody believes the lock


def check_one_owner(theirs: Theirs) -> bool:
    """Tell whether the machine is ours: then its file says so, and no plan takes it away."""
    folder = theirs.workspace.folder / "pipelines"
    machine = theirs.workspace.account.objects[MACHINE, "nightly"]
    is_ours = machine.owned_by(theirs.workspace.repository.scope)
    assert machine.tags.get("team") == "data"
    if is_ours:
        assert "observed" not in (folder / "nightly.yaml").read_text()
        assert (folder / "nightly.asl.json").read_text() == TEXT
    plan = theirs.workspace.plan().plan
    assert plan is not None
    actions = {change.action for change in plan.pending if change.address.pipeline == "nightly"}
    assert not actions & {Action.DELETE, Action.CREATE, Action.REPLACE, Action.RETIRE}
    return is_ours


def check_it_is_ours_at_last(theirs: Theirs) -> None:
    assert check_one_owner(theirs)
    plan = theirs.workspace.plan("nightly").plan
    assert plan is not None
    assert not plan.pending
    assert not theirs.workspace.ports.ledger.journal.pending()


@pytest.fixture
def theirs(tmp_path: Path) -> Theirs:
    found = Theirs(a_workspace(tmp_path, "raw"))
    found.workspace.apply()
    found.make("nightly", tags={"team": "data"})
    return found


@pytest.mark.parametrize(("at", "is_after"), POINTS)
def test_an_import(theirs: Theirs, at: int, *, is_after: bool) -> None:
    die_while_importing(theirs, ProcessMortality(at, is_after))
    check_one_owner(theirs)
    assert imported(theirs, "nightly").is_complete
    check_it_is_ours_at_last(theirs)


@pytest.mark.parametrize(("at", "is_after"), POINTS)
def test_a_handover(theirs: Theirs, at: int, *, is_after: bool) -> None:
    tags = {"team": "data"}
    of_stack(theirs, tags=tags)
    imported(theirs, "nightly")
    theirs.stacks.clear()
    theirs.ask_again()
    die_while_importing(theirs, ProcessMortality(at, is_after), hands_over=True)
    check_one_owner(theirs)
    theirs.ask_again()
    assert imported(theirs, "nightly", hands_over=True).is_complete
    check_it_is_ours_at_last(theirs)


@pytest.mark.parametrize(("at", "is_after"), POINTS[:4])
def test_a_machine_that_is_only_watched(theirs: Theirs, at: int, *, is_after: bool) -> None:
    of_stack(theirs, tags={"team": "data"})
    die_while_importing(theirs, ProcessMortality(at, is_after))
    assert not check_one_owner(theirs)
    [one] = imported(theirs, "nightly").machines
    assert one.status in (ImportStatus.OBSERVED, ImportStatus.KNOWN)
    assert not check_one_owner(theirs)
    assert "observed: CloudFormation stack etl" in (theirs.workspace.folder / "pipelines/nightly.yaml").read_text()


@pytest.mark.parametrize(("at", "is_after"), POINTS)
def test_one_that_is_given_back(theirs: Theirs, at: int, *, is_after: bool) -> None:
    account = theirs.workspace.account

    def trace(verb: str, name: str) -> None:
        if (verb, name) == ("update", "nightly"):
            account.change(MACHINE, name, tracing=True)  # somebody else, while it is imported: the plan is not empty

    account.after = trace
    die_while_importing(theirs, ProcessMortality(at, is_after))
    check_one_owner(theirs)
    account.change(MACHINE, "nightly", tracing=False)
    account.after = lambda verb, name: None
    assert imported(theirs, "nightly").is_complete
    check_it_is_ours_at_last(theirs)

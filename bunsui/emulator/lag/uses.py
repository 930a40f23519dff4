"""What cannot be used yet: roles, policies, groups, versions and functions that were written a moment ago."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bunsui.emulator.lag import refusals
from bunsui.emulator.lag.calls import Answer, LateCall
from bunsui.emulator.lag.journal import PastJournal
from bunsui.emulator.lag.reads import function_name, machine_arn
from bunsui.emulator.lag.refusals import Words

Policies = Sequence[Mapping[str, Any]] | None
_Object = tuple[str, str, str, str]
"""Kind, account, region (empty for what has none) and name."""
_TRUSTED_BY = {
    ("lambda", "CreateFunction"): "Role",
    ("lambda", "UpdateFunctionConfiguration"): "Role",
    ("states", "CreateStateMachine"): "roleArn",
    ("states", "UpdateStateMachine"): "roleArn",
    ("scheduler", "CreateSchedule"): "Target",
    ("scheduler", "UpdateSchedule"): "Target",
}
"""Calls by which a service gets a role, with the parameter that names it."""
_SDK_NAMES = {"states": "stepfunctions"}
_SPREAD = frozenset({"CreateRole", "UpdateAssumeRolePolicy"})
_POLICIES = frozenset({"CreateRole", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "DetachRolePolicy", "DeleteRole"})
_CHANGES = frozenset({"UpdateFunctionCode", "UpdateFunctionConfiguration"})
_FUNCTION_READS = frozenset({"GetFunction", "GetFunctionConfiguration"})


class Uses:
    """Knows what was written when, as far as services that use it do not know it yet."""

    def __init__(self, policies_of: Callable[[str, str], Policies]) -> None:
        """`policies_of` gives the documents that a role of an account has now."""
        self._policies_of = policies_of
        self._policies: PastJournal[tuple[str, str], Policies] = PastJournal()
        self._fresh: PastJournal[_Object, str] = PastJournal()

    def set(self, seconds: float) -> None:
        """Let it take so many seconds from now on."""
        self._policies.set(seconds)
        self._fresh.set(seconds)

    def policies_of(self, account: str, role: str) -> Policies:
        """Return the policies of a role as services know them."""
        before = self._policies.look_back((account, role))
        return self._policies_of(account, role) if before is None else before.value

    def before(self, call: LateCall) -> Policies:
        """Return what has to be known of a role before a call that changes what it permits."""
        if call.service != "iam" or call.operation not in _POLICIES:
            return None
        return self._policies_of(call.account, str(call.members.get("RoleName", ""))) or []

    def note(self, call: LateCall, before: Policies, answer: Answer) -> None:
        """Remember a call that was carried out; `before` is what `before` said."""
        role = str(call.members.get("RoleName", ""))
        if call.service == "iam" and call.operation in _POLICIES:
            self._policies.note((call.account, role), before)
        if call.service == "iam" and call.operation in _SPREAD:
            self._fresh.note(("role", call.account, "", role), call.operation)
        kind = {"CreateScheduleGroup": "group", "DeleteScheduleGroup": "gone group"}.get(call.operation)
        if kind:
            self._fresh.note(_of(kind, call, str(call.members.get("Name", ""))), call.operation)
        if call.operation == "DeleteStateMachine":
            self._fresh.note(_of("gone machine", call, machine_arn(call)), call.operation)
        if version := _published_version(call, answer):
            self._fresh.note(_of("version", call, version), call.operation)
        if call.operation in _CHANGES or call.operation == "CreateFunction":
            self._fresh.note(_of("function", call, function_name(call)), call.operation)

    def refusal(self, call: LateCall) -> Words | None:
        """Return why a call is refused that needs what is not there yet; None where nothing is against it."""
        if (parameter := _TRUSTED_BY.get((call.service, call.operation))) is not None:
            given = call.members.get(parameter)
            arn = str(given.get("RoleArn", "") if isinstance(given, Mapping) else given or "")
            if self._fresh.look_back(("role", call.account, "", arn.rpartition("/")[2])) is not None:
                return refusals.UNASSUMABLE[_SDK_NAMES.get(call.service, call.service)][0]
        if call.service == "iam" and call.operation in ("PutRolePolicy", "TagRole"):
            role = str(call.members.get("RoleName", ""))
            made = self._fresh.look_back(("role", call.account, "", role))
            return refusals.unseen_role(role) if made is not None and made.value == "CreateRole" else None
        if call.service == "lambda":
            return self._busy(call)
        return self._unseen(call)

    def _unseen(self, call: LateCall) -> Words | None:
        if call.operation == "CreateSchedule":
            group = str(call.members.get("GroupName", "default"))
            return refusals.unseen_group(group) if self._is_fresh("group", call, group) else None
        if call.operation == "CreateScheduleGroup":
            name = str(call.members.get("Name", ""))
            return refusals.deleting_group(name) if self._is_fresh("gone group", call, name) else None
        if call.operation == "CreateStateMachine":
            arn = machine_arn(call)
            return refusals.deleting_machine(arn) if self._is_fresh("gone machine", call, arn) else None
        if call.operation in ("CreateStateMachineAlias", "UpdateStateMachineAlias"):
            routes = call.members.get("routingConfiguration") or ()
            arns = (str(one.get("stateMachineVersionArn", "")) for one in routes)
            return next((refusals.unseen_version(arn) for arn in arns if self._is_fresh("version", call, arn)), None)
        return None

    def _busy(self, call: LateCall) -> Words | None:
        """Lambda developer guide, "Lambda function states": what is Pending or being updated is not changed meanwhile."""
        made = self._fresh.look_back(_of("function", call, function_name(call)))
        if made is None or call.operation not in (*_CHANGES, "PublishVersion"):
            return None
        if made.value == "CreateFunction":
            return refusals.pending_function()
        arn = f"arn:aws:lambda:{call.region}:{call.account}:function:{function_name(call)}"
        return refusals.updating_function(arn)

    def show_state(self, call: LateCall, answer: Answer) -> Answer:
        """Return the answer with the state of a function that is made or updated still."""
        told = {*_FUNCTION_READS, *_CHANGES, "CreateFunction"}
        if call.service != "lambda" or call.operation not in told or "Qualifier" in call.members:
            return answer
        made = self._fresh.look_back(_of("function", call, function_name(call)))
        if made is None or answer.status >= 300:
            return answer
        document = json.loads(answer.body)
        configuration = document.get("Configuration", document)
        if made.value == "CreateFunction":
            configuration |= {
                "State": "Pending",
                "StateReason": "The function is being created.",
                "StateReasonCode": "Creating",
            }
        else:
            configuration |= {"LastUpdateStatus": "InProgress"}
        return answer.saying(json.dumps(document).encode())

    def _is_fresh(self, kind: str, call: LateCall, name: str) -> bool:
        return self._fresh.look_back(_of(kind, call, name)) is not None


def _of(kind: str, call: LateCall, name: str) -> _Object:
    return kind, call.account, call.region, name


def _published_version(call: LateCall, answer: Answer) -> str:
    """Return the version of a machine that a call has published; empty where it did not."""
    if call.operation not in ("PublishStateMachineVersion", "CreateStateMachine", "UpdateStateMachine"):
        return ""
    return str(json.loads(answer.body).get("stateMachineVersionArn", ""))

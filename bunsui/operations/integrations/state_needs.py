"""What the role of a machine needs for states in Amazon States Language, by what stands in them.

Tasks, distributed Maps with their readers and writers, roles that a Task takes on or hands over; each that cannot be told is
told as such. Sources: Step Functions developer guide, "How Step Functions generates IAM policies for integrated services",
"IAM policies for using Distributed Map states", "Accessing resources in other AWS accounts".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.operations.contract import Permission, StateNeeds
from bunsui.operations.integrations.arns import EVENTS_ACTIONS, arn, events_rule, is_arn
from bunsui.operations.integrations.executions import run_permissions
from bunsui.operations.integrations.iam_names import iam_actions, is_unscoped
from bunsui.operations.integrations.object_permissions import absence_of
from bunsui.operations.integrations.optimised import job_permissions, sdk_action
from bunsui.operations.integrations.passed_roles import passed_roles
from bunsui.operations.integrations.service_errors import call_of
from bunsui.operations.integrations.state_resources import bucket_objects, call_resources, literal

Fields = Mapping[str, Json]
_BOTH = ("Arguments", "Parameters")
_MANIFESTS = frozenset({"MANIFEST"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StateOwner:
    """The machine that the states are part of."""

    name: str
    scope: Scope

    @property
    def arn(self) -> str:
        """Its ARN, without version or alias."""
        return arn(self.scope, "states", f"stateMachine:{self.name}")


def definition_needs(definition: Fields, machine: StateOwner) -> Iterator[StateNeeds]:
    """Return the needs of every state that has some, inner ones included."""
    for pointer, state in every_state(definition, ""):
        match state.get("Type"):
            case "Task":
                yield _task(pointer, state, machine)
            case "Map" if _is_distributed(state):
                yield StateNeeds(pointer=pointer, permissions=_children(state, machine))
                yield from _outside(pointer, state, machine)


def every_state(scope: Fields, pointer: str) -> Iterator[tuple[str, Fields]]:
    """Return every state with its JSON pointer, those inside of Parallel and Map included."""
    states = scope.get("States")
    if not isinstance(states, Mapping):
        return
    for name, state in states.items():
        if not isinstance(state, Mapping):
            continue
        here = f"{pointer}/States/{str(name).replace('~', '~0').replace('/', '~1')}"
        yield here, state
        branches = state.get("Branches")
        for index, branch in enumerate(branches if isinstance(branches, (list, tuple)) else ()):
            if isinstance(branch, Mapping):
                yield from every_state(branch, f"{here}/Branches/{index}")
        for key in ("ItemProcessor", "Iterator"):
            inner = state.get(key)
            if isinstance(inner, Mapping):
                yield from every_state(inner, f"{here}/{key}")


def is_met(actions: Iterable[str], permissions: Iterable[Permission]) -> bool:
    """Tell whether each action is allowed on something by a permission that was said."""
    allowed = {action.lower() for one in permissions for action in one.actions}
    stems = tuple(action.rstrip("*") for action in allowed if action.endswith("*"))
    return all(action.lower() in allowed or (stems and action.lower().startswith(stems)) for action in actions)


def _task(pointer: str, state: Fields, machine: StateOwner) -> StateNeeds:
    resource = state.get("Resource")
    called = resource if isinstance(resource, str) else ""
    credentials = state.get("Credentials")
    if isinstance(credentials, Mapping):
        # The call is made by that role, which has permissions of its own.
        role = literal(credentials, "RoleArn")
        assume = (Permission(actions=("sts:AssumeRole",), resources=(role,)),) if role else ()
        return StateNeeds(pointer=pointer, permissions=assume, unmet=() if role else ("sts:AssumeRole",), called=called)
    if ":function:" in called and ":lambda:" in called:
        return StateNeeds(
            pointer=pointer, permissions=(Permission(actions=("lambda:InvokeFunction",), resources=(called,)),), called=called
        )
    service, call = call_of(called)
    if not service:
        # Nobody is called for an activity, whose workers ask for their tasks.
        return StateNeeds(pointer=pointer, unmet=() if ":activity:" in called else ("its call",), called=called or "the state")
    found, unmet = _call(service, call, called, _arguments(state), machine)
    return StateNeeds(pointer=pointer, permissions=found, unmet=unmet, called=called)


def _call(
    service: str, call: str, resource: str, arguments: Fields, machine: StateOwner
) -> tuple[tuple[Permission, ...], tuple[str, ...]]:
    """Return what a call needs, and the actions of which nobody knows on what."""
    action = f"{service.removeprefix('aws-sdk:')}:{call}"
    actions = iam_actions(action) if not service.startswith("aws-sdk:") else iam_actions(sdk_action(action))
    if action == "states:startExecution":
        target = literal(arguments, "StateMachineArn")
        return (run_permissions(target, machine.scope), ()) if is_arn(target) else ((), actions)
    if action == "http:invoke":
        return (), ("states:InvokeHTTPEndpoint", "events:RetrieveConnectionCredentials", "secretsmanager:GetSecretValue")
    if action == "ecs:runTask":
        return _container(resource, arguments, machine.scope)
    unscoped = tuple(name for name in actions if is_unscoped(name))
    scoped = tuple(name for name in actions if name not in unscoped)
    resources = call_resources(sdk_action(action), arguments, machine.scope)
    found = [Permission(actions=unscoped, resources=("*",))] if unscoped else []
    if scoped and resources:
        found.append(Permission(actions=scoped, resources=resources))
        if scoped == ("s3:GetObject",):
            found += [one for target in resources for one in absence_of(target)]
        found += _beside(arguments)
    if ".sync" in resource and (resources or not scoped):
        found += job_permissions(action, resources or ("*",), machine.scope)
    found += passed_roles(action, arguments)
    return tuple(found), (() if resources else scoped)


def _container(resource: str, arguments: Fields, scope: Scope) -> tuple[tuple[Permission, ...], tuple[str, ...]]:
    """Return what running a task on ECS needs: the roles of its definition are handed over, and stand in no definition here."""
    definition = literal(arguments, "TaskDefinition")
    if not definition:
        return (), ("ecs:RunTask", "iam:PassRole")
    name = definition if is_arn(definition) else arn(scope, "ecs", f"task-definition/{definition}")
    revision = name.rpartition("/")[2]
    found = [Permission(actions=("ecs:RunTask",), resources=(name if ":" in revision else f"{name}:*",))]
    if ".sync" in resource:
        cluster = literal(arguments, "Cluster").rpartition("/")[2] or "*"
        following = ("ecs:StopTask", "ecs:DescribeTasks")
        found.append(Permission(actions=following, resources=(arn(scope, "ecs", f"task/{cluster}/*"),)))
        found.append(
            Permission(actions=EVENTS_ACTIONS, resources=(events_rule(scope, "StepFunctionsGetEventsForECSTaskRule"),))
        )
    handed = passed_roles("ecs:runTask", arguments)
    return (*found, *handed), (() if handed else ("iam:PassRole",))


def _beside(arguments: Fields) -> list[Permission]:
    """Return what a call needs of other services."""
    secret = literal(arguments, "SecretArn")
    return [Permission(actions=("secretsmanager:GetSecretValue",), resources=(secret,))] if is_arn(secret) else []


def _is_distributed(state: Fields) -> bool:
    processor = state.get("ItemProcessor", state.get("Iterator"))
    config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
    return isinstance(config, Mapping) and config.get("Mode") == "DISTRIBUTED"


def _children(state: Fields, machine: StateOwner) -> tuple[Permission, ...]:
    """Return what a Map needs whose items are executions of the machine itself. Without a Label, AWS makes one."""
    label = literal(state, "Label") or "*"
    children = arn(machine.scope, "states", f"execution:{machine.name}/{label}:*")
    executions = (arn(machine.scope, "states", f"execution:{machine.name}:*"), children)
    return (
        Permission(actions=("states:StartExecution",), resources=(machine.arn,)),
        Permission(actions=("states:DescribeExecution", "states:StopExecution"), resources=executions),
        Permission(actions=("states:RedriveExecution",), resources=(children,)),
    )


def _outside(pointer: str, state: Fields, machine: StateOwner) -> Iterator[StateNeeds]:
    """Return the needs of what a distributed Map reads and writes itself."""
    reader, writer = state.get("ItemReader"), state.get("ResultWriter")
    if isinstance(reader, Mapping):
        yield _reader(f"{pointer}/ItemReader", reader, machine.scope)
    if isinstance(writer, Mapping) and writer.get("Resource") is not None:
        prefix = literal(_arguments(writer), "Prefix").strip("/")
        actions = ("s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload")
        target = bucket_objects(_arguments(writer), machine.scope, key=f"{prefix}/*" if prefix else "*")
        yield _on(f"{pointer}/ResultWriter", str(writer["Resource"]), actions, target)


def _reader(pointer: str, reader: Fields, scope: Scope) -> StateNeeds:
    arguments, called = _arguments(reader), str(reader.get("Resource"))
    bucket = bucket_objects(arguments, scope, key="").rstrip("/")
    if called.endswith(":listObjectsV2"):
        prefix = literal(arguments, "Prefix")
        condition: dict[str, Json] = {"StringLike": {"s3:prefix": [f"{prefix}*"]}} if prefix else {}
        return _on(pointer, called, ("s3:ListBucket",), bucket, condition)
    config = reader.get("ReaderConfig")
    is_manifest = isinstance(config, Mapping) and config.get("InputType") in _MANIFESTS
    key = "*" if is_manifest else literal(arguments, "Key") or "*"  # a manifest names further objects
    return _on(pointer, called, ("s3:GetObject",), f"{bucket}/{key}" if bucket else "")


def _on(
    pointer: str, called: str, actions: tuple[str, ...], resource: str, condition: Mapping[str, Json] | None = None
) -> StateNeeds:
    if not resource:
        return StateNeeds(pointer=pointer, unmet=actions, called=called)
    allowed = Permission(actions=actions, resources=(resource,), condition=condition or {})
    return StateNeeds(pointer=pointer, permissions=(allowed,), called=called)


def _arguments(state: Fields) -> Fields:
    for key in _BOTH:
        found = state.get(key)
        if isinstance(found, Mapping):
            return found
    return {}

"""The resources of every pipeline: machine, role, log group; function, role and log group for each `code:`; schedules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bunsui.compile.context import ALIAS, CompilerSettings, EmitScope, OperationContext, PriorOperations, function_address
from bunsui.compile.emission import emit_operations
from bunsui.compile.foreach.distributed import foreach_permissions
from bunsui.compile.policy import LOG_DELIVERY, TRACING, function_permissions, policy, start_permission, trust
from bunsui.compile.restoring import restore_permissions
from bunsui.kinds.lambda_function import SETTINGS
from bunsui.kinds.log_group import LOG_GROUP
from bunsui.kinds.role import ROLE
from bunsui.kinds.schedule import MAX_AGE_SECONDS, SCHEDULE
from bunsui.kinds.schedule_group import SCHEDULE_GROUP
from bunsui.kinds.state_machine import LOGGING_OFF, MACHINE
from bunsui.model.address import Address
from bunsui.model.names import LOG_GROUP_NAME_LIMIT, ROLE_NAME_LIMIT, SCHEDULE_NAME_LIMIT, fitted, function_name, resource_name
from bunsui.model.pipeline import NO_LOG_GROUP, Job, Operation, Pipeline, RolePermission, Schedule
from bunsui.model.resource import CodeSource, DesiredResource
from bunsui.model.time_zones import DAY_SECONDS, slot_in
from bunsui.model.values import Reference, Value
from bunsui.operations.contract import FunctionCode, Permission
from bunsui.operations.functions.settings import setting_permissions

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""EventBridge Scheduler puts the time for which it fired in this place."""
SCHEDULE_RETRIES = 10
"""How often a start is tried again when Step Functions refuses it for the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRole:
    """A role that somebody else makes."""

    arn: str
    needs: DesiredResource
    """The role that bunsui would make in its place: trust and policy are what the given one must allow at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineResources:
    """Makes the resources of one pipeline."""

    pipeline: Pipeline
    setting: CompilerSettings
    definition: Mapping[str, Value]
    permissions: tuple[Permission, ...]
    """What the machine's tasks need."""

    def all(self) -> tuple[DesiredResource, ...]:
        """Return every resource, what others refer to before them."""
        return (
            *((self.log_group(),) if self.pipeline.log_destination is None else ()),
            *(() if self.pipeline.roles.machine else (self.role(),)),
            *self.functions(),
            self.machine(),
            *(self.scheduling() if self.pipeline.schedules else ()),
        )

    @property
    def machine_address(self) -> Address:
        """The state machine's address."""
        return Address(MACHINE, self.pipeline.name)

    def machine(self) -> DesiredResource:
        """Return the state machine."""
        pipeline = self.pipeline
        attributes: dict[str, Value] = {
            "type": "STANDARD",
            "definition": self.definition,
            "role_arn": self._role_arn("", pipeline.roles.machine),
            "tracing": pipeline.tracing,
            "alias": ALIAS,
            "logging": self._logging(),
            "tags": dict(pipeline.tags),
        }
        name = self.setting.machine_name(pipeline.name)
        return DesiredResource(address=self.machine_address, physical_name=name, attributes=attributes)

    def _logging(self) -> Value:
        pipeline, given = self.pipeline, self.pipeline.log_destination
        if pipeline.log_level == "OFF" and given is None and pipeline.log_execution_data is None:
            return LOGGING_OFF
        said = pipeline.log_execution_data
        own: Value = Reference(Address(LOG_GROUP, pipeline.name), "arn") if pipeline.log_level != "OFF" else None
        return {
            "level": pipeline.log_level,
            "include_execution_data": (said if said is not None else pipeline.log_level == "ALL") and not self._has_gates,
            "log_group_arn": own if given is None else None if given == NO_LOG_GROUP else given,
        }

    @property
    def _has_gates(self) -> bool:
        return any(self.setting.registry[one.type].opens_gate for _, one in all_operations(self.pipeline, self.setting))

    def role(self) -> DesiredResource:
        """Return the machine's role."""
        permissions = self.permissions
        if self.pipeline.log_level != "OFF":
            permissions += (LOG_DELIVERY,)
        if self.pipeline.tracing:
            permissions += (TRACING,)
        return self._role(
            "",
            trust=trust("states.amazonaws.com", scope=self.setting.scope, source_arns=_sources(self.setting, self.pipeline)),
            permissions=permissions,
            description=f"What the pipeline {self.pipeline.name} may do",
        )

    def log_group(self) -> DesiredResource:
        """Return the log group of the machine; its name lets Step Functions write to it without a resource policy that
        grows."""
        name = fitted(f"/aws/vendedlogs/states/{self.setting.machine_name(self.pipeline.name)}", LOG_GROUP_NAME_LIMIT)
        return self._log_group("", name)

    def functions(self) -> Iterator[DesiredResource]:
        """Return function, role and log group for each operation that brings code along, once for those with one name."""
        for address, (code, operations) in self._codes().items():
            yield from self._function(address, code, operations)

    def _codes(self) -> dict[Address, tuple[FunctionCode, list[Operation]]]:
        """Return the code of each function with the operations that invoke it."""
        found: dict[Address, tuple[FunctionCode, list[Operation]]] = {}
        for job, operation in all_operations(self.pipeline, self.setting):
            code = self.setting.registry[operation.type].function(operation.params)
            if code is not None:
                address = function_address(self.pipeline.name, job.name, operation.id, named=code.name)
                found.setdefault(address, (code, []))[1].append(operation)
        return found

    def _function(
        self, address: Address, code: FunctionCode, operations: Sequence[Operation]
    ) -> Iterator[DesiredResource]:  # fmt: skip
        scope = self.setting.scope
        physical = function_name(scope.project, scope.environment, address.pipeline, address.name)
        log_group = _function_log(physical)
        yield self._log_group(address.name, log_group)
        if not self.pipeline.roles.function:
            yield self._function_role(address, code)
        # Nobody waits longer for it than the most patient of its operations.
        limits = [operation.timeout_seconds or code.timeout_seconds for operation in operations]
        attributes: dict[str, Value] = {
            **_settings(code),
            "runtime": code.runtime,
            "handler": code.handler,
            "memory_mb": code.memory_mb,
            "timeout_seconds": min(code.timeout_seconds, max(limits)),
            "architecture": code.architecture,
            "role_arn": self._role_arn(address.name, self.pipeline.roles.function),
            "environment": dict(code.environment),
            "code_digest": code.code.digest,
            "log_group": log_group,
            "tags": dict(self.pipeline.tags),
        }
        source = CodeSource(
            path=code.code.path,
            requirements=code.code.requirements,
            runtime=code.runtime,
            architecture=code.architecture,
            digest=code.code.digest,
            exclude=code.code.exclude,
            include=code.code.include,
        )
        needs = (Address(LOG_GROUP, address.pipeline, address.name),)
        yield DesiredResource(address=address, physical_name=physical, attributes=attributes, depends_on=needs, code=source)

    def _function_role(self, address: Address, code: FunctionCode) -> DesiredResource:
        scope = self.setting.scope
        log_group = _function_log(function_name(scope.project, scope.environment, address.pipeline, address.name))
        log_group_arn = f"arn:{scope.partition}:logs:{scope.region}:{scope.account}:log-group:{log_group}"
        return self._role(
            address.name,
            trust=trust("lambda.amazonaws.com"),
            permissions=function_permissions((*code.permissions, *setting_permissions(code)), log_group_arn),
            description=f"What the function of {address.name} in the pipeline {self.pipeline.name} may do",
        )

    def scheduling(self) -> Iterator[DesiredResource]:
        """Return the schedule group, the schedules, and the role that starts the machine."""
        name, group = self.pipeline.name, self._group
        yield DesiredResource(
            address=Address(SCHEDULE_GROUP, name), physical_name=group, attributes={"tags": dict(self.pipeline.tags)}
        )
        if not self.pipeline.roles.scheduler:
            yield self._scheduler_role()
        for schedule in self.pipeline.schedules:
            yield self._schedule(schedule, group)

    @property
    def _group(self) -> str:
        scope = self.setting.scope
        return resource_name(scope.project, scope.environment, self.pipeline.name, limit=SCHEDULE_NAME_LIMIT)

    def _scheduler_role(self) -> DesiredResource:
        scope, name = self.setting.scope, self.pipeline.name
        group_arn = f"arn:{scope.partition}:scheduler:{scope.region}:{scope.account}:schedule-group/{self._group}"
        return self._role(
            "scheduler",
            trust=trust("scheduler.amazonaws.com", scope=scope, source_arns=[group_arn]),
            permissions=(start_permission(self.setting.machine_arn(name), ALIAS), *self._given_up()),
            description=f"Starts the pipeline {name} at its times",
        )

    def _given_up(self) -> Iterator[Permission]:
        """Return what handing starts that were given up to a queue needs."""
        queues = tuple(dict.fromkeys(schedule.dead_letter for schedule in self.pipeline.schedules if schedule.dead_letter))
        if queues:
            yield Permission(actions=("sqs:SendMessage",), resources=queues)

    def given(self) -> Iterator[GivenRole]:
        """Return what the roles need that somebody else makes."""
        roles = self.pipeline.roles
        if roles.machine:
            yield GivenRole(arn=roles.machine, needs=self.role())
        if roles.function:
            for address, (code, _) in self._codes().items():
                yield GivenRole(arn=roles.function, needs=self._function_role(address, code))
        if roles.scheduler and self.pipeline.schedules:
            yield GivenRole(arn=roles.scheduler, needs=self._scheduler_role())

    def _schedule(self, schedule: Schedule, group: str) -> DesiredResource:
        name = self.pipeline.name
        attributes: dict[str, Value] = {
            "group": group,
            "expression": schedule.expression,
            "timezone": schedule.timezone,
            "enabled": schedule.enabled and self.pipeline.enabled,
            "input": self._scheduled_input(schedule),
            "target_arn": Reference(self.machine_address, "alias_arn"),
            "role_arn": self._role_arn("scheduler", self.pipeline.roles.scheduler),
            "retries": SCHEDULE_RETRIES,
        }
        if schedule.max_age_seconds not in (None, MAX_AGE_SECONDS):
            attributes["max_age_seconds"] = schedule.max_age_seconds
        if schedule.dead_letter:
            attributes["dead_letter_arn"] = schedule.dead_letter
        return DesiredResource(
            address=Address(SCHEDULE, name, schedule.id),
            physical_name=fitted(schedule.id, SCHEDULE_NAME_LIMIT),
            attributes=attributes,
            depends_on=(Address(SCHEDULE_GROUP, name),),
        )

    def _scheduled_input(self, schedule: Schedule) -> dict[str, Value]:
        if self.pipeline.is_raw:
            return {**self.pipeline.literal_defaults, **schedule.input}
        slot = slot_in(schedule.timezone, schedule.slot or self.pipeline.slot)
        session: dict[str, Value] = {
            "schedule": schedule.id,
            "scheduled_at": SCHEDULED_TIME,
            "slot_offset_seconds": slot.seconds,
        }
        # Whole days in seconds alone are what schedules of the first contract say for days of the calendar.
        is_said_in_hours = (
            slot.seconds != 0 and slot.seconds % DAY_SECONDS == 0 and slot == (schedule.slot or self.pipeline.slot)
        )
        if slot.days or is_said_in_hours or slot_in(self.pipeline.timezone, self.pipeline.slot).days:
            session["slot_offset_days"] = slot.days
        if schedule.timezone != self.pipeline.timezone:
            session["timezone"] = schedule.timezone
        return {"params": dict(schedule.input), "session": session}

    def _role(
        self, part: str, *, trust: Mapping[str, Value], permissions: Iterable[Permission], description: str
    ) -> DesiredResource:
        scope, name = self.setting.scope, self.pipeline.name
        parts = (scope.project, scope.environment, name, *(part.split(".") if part else ()))
        attributes: dict[str, Value] = {
            "path": f"/bunsui/{scope.project}/{scope.environment}/",
            "trust": trust,
            "policy": policy(permissions),
            "boundary": scope.permissions_boundary,
            "description": description,
            "tags": dict(self.pipeline.tags),
        }
        physical = resource_name(*parts, limit=ROLE_NAME_LIMIT)
        return DesiredResource(address=Address(ROLE, name, part), physical_name=physical, attributes=attributes)

    def _role_arn(self, part: str, given: str | None) -> Value:
        return given or Reference(Address(ROLE, self.pipeline.name, part), "arn")

    def _log_group(self, part: str, physical: str) -> DesiredResource:
        attributes: dict[str, Value] = {
            "retention_days": self.pipeline.log_retention_days,
            "tags": dict(self.pipeline.tags),
        }
        return DesiredResource(
            address=Address(LOG_GROUP, self.pipeline.name, part), physical_name=physical, attributes=attributes
        )


def _sources(setting: CompilerSettings, pipeline: Pipeline) -> tuple[str, ...]:
    """Return the ARNs under which Step Functions may take the machine's role. It does so for the machine, for its versions and
    aliases, and for the branches of its Maps and Parallels: a distributed Map's children run on a machine called MACHINE/LABEL,
    and other projects saw branches of a Parallel present a suffix too."""
    arn = setting.machine_arn(pipeline.name)
    return (arn, f"{arn}:*", f"{arn}/*")


def _settings(code: FunctionCode) -> dict[str, Value]:
    """Return what is said of a function beyond what every function has."""
    said: dict[str, Value] = {
        "subnets": _as_list(code.subnets),
        "security_groups": _as_list(code.security_groups),
        "layers": _as_list(code.layers),
        "ephemeral_storage_mb": code.ephemeral_storage_mb,
        "reserved_concurrency": code.reserved_concurrency,
        "tracing": code.tracing,
        "dead_letter_arn": code.dead_letter,
        "kms_key_arn": code.kms_key,
    }
    usual = {setting.name: setting.default for setting in SETTINGS}
    return {name: value for name, value in said.items() if value != usual[name]}


def _as_list(value: Value) -> Value:
    return list(value) if isinstance(value, (list, tuple)) else value


def _function_log(physical_name: str) -> str:
    return f"/aws/lambda/{physical_name}"


def all_operations(pipeline: Pipeline, setting: CompilerSettings) -> Iterator[tuple[Job, Operation]]:
    """Return every operation with its job, nested ones after the one that holds them."""
    for job in pipeline.jobs:
        for operation in job.operations:
            yield from ((job, found) for found in _with_nested(operation, setting))


def _with_nested(operation: Operation, setting: CompilerSettings) -> Iterator[Operation]:
    yield operation
    nested: Sequence[Operation] = setting.registry[operation.type].operations(operation.params)
    for inner in nested:
        yield from _with_nested(inner, setting)


def task_permissions(pipeline: Pipeline, setting: CompilerSettings) -> tuple[Permission, ...]:
    """Return what the machine's role needs for all jobs: their operations, and the children of distributed ones."""
    found = [permission for job in pipeline.jobs for permission in foreach_permissions(job, setting)]
    found += restore_permissions(pipeline, setting.scope)
    for operation, context in operation_contexts(pipeline, setting):
        found += setting.registry[operation.type].permissions(operation.params, context)
        found += said_permissions(operation.permissions)
    return (*found, *said_permissions(pipeline.permissions))


def operation_contexts(pipeline: Pipeline, setting: CompilerSettings) -> Iterator[tuple[Operation, OperationContext]]:
    """Return every operation with a context in which it can be asked what it needs."""
    for job, operation in all_operations(pipeline, setting):
        site = EmitScope(setting=setting, job=job.name, skip_state=f"{job.name}.skipped", taken=set())
        yield (
            operation,
            OperationContext(
                site=site,
                operation=operation,
                state=f"{job.name}.{operation.id}",
                next=None,
                before=PriorOperations(),
                finish=None,
                emit=emit_operations,
            ),
        )


def said_permissions(said: Sequence[RolePermission]) -> list[Permission]:
    """Return what the author says that the machine's role needs."""
    return [Permission(actions=one.actions, resources=one.resources, condition=one.condition) for one in said]

"""Step Functions state machines, with the version that the alias points to."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import EXISTS_CODES, aws_code, permitted
from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers import bulk
from bunsui.aws.providers.bulk_tags import BulkTags
from bunsui.aws.providers.observed import observed, written
from bunsui.aws.providers.tags import TAG_TRACING, check_ours, from_list, lower_list, tag_change, users_own
from bunsui.errors import Conflict, Missing
from bunsui.model.resource import TAG_ADDRESS, ActualResource, Address, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Json
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written

DEFAULT_ALIAS = "live"
_READABLE_CHARS = 500_000
"""Above this a definition is written without indentation: the limit of the service is 1,048,576 characters."""
_DELETING = "DELETING"
_SETTLE_SECONDS = (0.5, 1.0, 2.0, 4.0, 0.0)
"""Waits between the reads after a create."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """Where the alias leads."""

    version_arn: str
    label: str
    """The alias's name, with a remark when it does not lead to the machine's newest revision only; empty without an alias."""


class StateMachineProvider:
    """State machines. Reads: ListStateMachines and GetResources pages, then for each machine DescribeStateMachine and
    DescribeStateMachineAlias; DescribeStateMachine of the version behind the alias where it is not the one that was applied,
    and ListTagsForResource where tags are not settled."""

    kind = "state_machine"

    def __init__(self, connection: Connection, identity: StsIdentity) -> None:
        """Make it on a connection; `identity` is asked for the account that ARNs name."""
        self._connection = connection
        self._identity = identity
        self._contents: dict[tuple[str, object], tuple[Json, str]] = {}
        """Of versions that had to be read: they never change."""

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        """Give the machines whose name begins as the scope's do, and those that bear a wanted name.

        With suspects, only these are described."""
        prefix = bulk.name_prefix(scope)
        names = {resource.physical_name for resource in wanted if resource.address.kind == self.kind}
        pages = permitted(lambda: self._connection.pages("stepfunctions", "list_state_machines", "stateMachines"))
        listed = None if pages is None else {str(machine["name"]) for machine in pages}
        only = bulk.surveyed(self.kind, scope, applied, suspects) if listed is not None else None
        versions = {
            resource.outputs["version_arn"]: resource
            for address, resource in applied.items()
            if address.kind == self.kind and "version_arn" in resource.outputs
        }
        known = BulkTags(
            self._connection, kind=self.kind, resource_type="states:stateMachine", scope=scope, wanted=wanted, only=only
        )

        def read_one(address: Address, name: str) -> ActualResource | None:
            if only is not None and only.trusts(name):
                return only.assumed(name)
            return self._read(address, name, known.of(name, self._arn(name)), versions)

        return bulk.read_owned(
            self._connection,
            kind=self.kind,
            scope=scope,
            wanted=wanted,
            written=bulk.written_before(self.kind, applied),
            listed=None if listed is None else {name for name in listed if name.startswith(prefix) or name in names},
            beyond=lambda name: False,
            read_one=read_one,
        )

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Give the machine of that name, None when it does not exist or is being deleted."""
        return self._read(address, physical_name, None, {})

    def _read(
        self,
        address: Address,
        physical_name: str,
        tags: Mapping[str, str] | None,
        versions: Mapping[str, AppliedResource],
    ) -> ActualResource | None:
        """`versions` are those that bunsui published last, by ARN."""
        arn = self._arn(physical_name)
        machine = self._described(arn)
        if machine is None or machine.get("status") == _DELETING:
            return None
        if tags is None:
            try:
                with self._connection.translated("stepfunctions", "ListTagsForResource", machine=physical_name):
                    tags = from_list(self._connection.reader("stepfunctions").list_tags_for_resource(resourceArn=arn)["tags"])
            except Missing:
                return None
        route = self._route(arn, machine, versions)
        outputs = {"arn": arn, "alias_arn": f"{arn}:{DEFAULT_ALIAS}"}
        if route.version_arn:
            outputs["version_arn"] = route.version_arn
        return observed(
            address,
            physical_name,
            attributes=self._attributes(machine, tags, alias=route.label),
            outputs=outputs,
            tags=tags,
        )

    def create(self, resource: ResolvedResource) -> Written:
        """Make the machine, publish its first version, and point the alias at it.

        CreateStateMachine answers a repetition with success and ignores another role or other tags, so what is there is
        compared afterwards, and brought up to date when it is ours and differs."""
        name = resource.physical_name
        attributes: Mapping[str, Any] = resource.attributes
        version_arn = ""
        try:
            with self._connection.translated("stepfunctions", "CreateStateMachine", machine=name):
                answer = self._connection.writer("stepfunctions").create_state_machine(
                    name=name,
                    type=attributes["type"],
                    tags=lower_list(self._tags(resource)),
                    publish=True,
                    **self._content(resource),
                )
            version_arn = str(answer.get("stateMachineVersionArn", ""))
        except Conflict as error:
            if aws_code(error) not in EXISTS_CODES:
                raise
        actual = self._read_settled(resource.address, name)
        check_ours(actual.tags, resource.tags, name)
        unlike = {key for key, value in attributes.items() if key != "alias" and actual.attributes.get(key) != value}
        if unlike or not version_arn:
            return self.update(resource, actual)
        return self._released(resource, actual.outputs["arn"], version_arn)

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Write the machine and publish a version in one call, then the tags, then move the alias."""
        name = resource.physical_name
        arn = actual.outputs["arn"]
        client = self._connection.writer("stepfunctions")
        with self._connection.translated("stepfunctions", "UpdateStateMachine", machine=name):
            answer = client.update_state_machine(stateMachineArn=arn, publish=True, **self._content(resource))
        change = tag_change(actual.tags, self._tags(resource))
        if change.added:
            with self._connection.translated("stepfunctions", "TagResource", machine=name):
                client.tag_resource(resourceArn=arn, tags=lower_list(change.added))
        if change.removed:
            with self._connection.translated("stepfunctions", "UntagResource", machine=name):
                client.untag_resource(resourceArn=arn, tagKeys=list(change.removed))
        return self._released(resource, arn, str(answer["stateMachineVersionArn"]))

    def retire(self, actual: ActualResource) -> ActualResource:
        """Remove the aliases, through which sessions are started; executions that run go on, and their versions stay."""
        arn = self._arn(actual.physical_name)
        self._remove_aliases(arn, actual.physical_name)
        return observed(
            actual.address,
            actual.physical_name,
            attributes={**actual.attributes, "alias": ""},
            outputs={"arn": arn, "alias_arn": f"{arn}:{DEFAULT_ALIAS}"},
            tags=actual.tags,
        )

    def delete(self, actual: ActualResource) -> None:
        """Remove the alias and then the machine with its versions; success when they are already gone.

        AWS deletes in the background once no execution runs."""
        client = self._connection.writer("stepfunctions")
        name = actual.physical_name
        arn = self._arn(name)
        try:
            self._remove_aliases(arn, name)
            with self._connection.translated("stepfunctions", "DeleteStateMachine", machine=name):
                client.delete_state_machine(stateMachineArn=arn)
        except Missing:
            return
        except Conflict as error:
            if aws_code(error) != "StateMachineDeleting":
                raise

    def _remove_aliases(self, arn: str, name: str) -> None:
        for alias in self._aliases(arn):
            try:
                with self._connection.translated("stepfunctions", "DeleteStateMachineAlias", machine=name):
                    self._connection.writer("stepfunctions").delete_state_machine_alias(stateMachineAliasArn=alias)
            except Missing:
                continue

    def _read_settled(self, address: Address, name: str) -> ActualResource:
        """Read a machine that was made a moment ago: Step Functions may take some seconds to know it everywhere."""
        for seconds in _SETTLE_SECONDS:
            actual = self.read(address, name)
            if actual is not None:
                return actual
            time.sleep(seconds)
        raise Conflict(
            "machine-not-readable",
            "the state machine was made and cannot be read, or it is still being deleted",
            hint="Apply again in a minute.",
            machine=name,
        )

    def _released(self, resource: ResolvedResource, arn: str, version_arn: str) -> Written:
        """Point the alias at the version, the last step of every write, after seeing that the version is what was written."""
        attributes: Mapping[str, Any] = resource.attributes
        published = self._described(version_arn)
        if published is not None and published["definition"] != attributes["definition"]:
            raise Conflict(
                "published-by-another",
                "somebody else changed the state machine while it was published",
                hint="Plan and apply again.",
                machine=resource.physical_name,
                version=version_arn,
            )
        alias = str(attributes["alias"])
        alias_arn = f"{arn}:{alias}"
        client = self._connection.writer("stepfunctions")
        routing = [{"stateMachineVersionArn": version_arn, "weight": 100}]
        try:
            with self._connection.translated("stepfunctions", "UpdateStateMachineAlias", alias=alias_arn):
                client.update_state_machine_alias(stateMachineAliasArn=alias_arn, routingConfiguration=routing)
        except Missing:
            with self._connection.translated("stepfunctions", "CreateStateMachineAlias", alias=alias_arn):
                client.create_state_machine_alias(name=alias, routingConfiguration=routing)
        return written(resource, {"arn": arn, "alias_arn": alias_arn, "version_arn": version_arn})

    def _arn(self, name: str) -> str:
        return self._identity.arn("states", f"stateMachine:{name}")

    def _described(self, arn: str) -> Mapping[str, Any] | None:
        """Give a machine or version, its definition parsed."""
        try:
            with self._connection.translated("stepfunctions", "DescribeStateMachine", machine=arn):
                machine: Mapping[str, Any] = self._connection.reader("stepfunctions").describe_state_machine(
                    stateMachineArn=arn
                )
        except Missing:
            return None
        return {**machine, "definition": json.loads(machine["definition"])}

    def _route(self, arn: str, machine: Mapping[str, Any], versions: Mapping[str, AppliedResource]) -> _Route:
        """Tell where the alias leads. A version of other content than the machine's, or shared weights, are remarked."""
        alias_arn = f"{arn}:{DEFAULT_ALIAS}"
        try:
            with self._connection.translated("stepfunctions", "DescribeStateMachineAlias", alias=alias_arn):
                alias = self._connection.reader("stepfunctions").describe_state_machine_alias(stateMachineAliasArn=alias_arn)
        except Missing:
            return _Route(version_arn="", label="")
        routes: list[tuple[str, int]] = [
            (str(route["stateMachineVersionArn"]), int(route["weight"])) for route in alias["routingConfiguration"]
        ]
        version_arn, _ = max(routes, key=lambda route: route[1])
        if len(routes) > 1:
            shares = ", ".join(f"{weight} % to {version.rpartition(':')[2]}" for version, weight in routes)
            return _Route(version_arn=version_arn, label=f"{DEFAULT_ALIAS} ({shares})")
        key = version_arn, machine.get("creationDate")  # numbers begin again in a machine that was made anew
        content = _published(version_arn, machine, versions) or self._contents.get(key)
        if content is None and (version := self._described(version_arn)) is not None:
            content = self._contents[key] = _content_of(version)
        if content != _content_of(machine):
            return _Route(
                version_arn=version_arn, label=f"{DEFAULT_ALIAS} (at {version_arn.rpartition(':')[2]}, not the newest)"
            )
        return _Route(version_arn=version_arn, label=DEFAULT_ALIAS)

    def _aliases(self, arn: str) -> Sequence[str]:
        with self._connection.translated("stepfunctions", "ListStateMachineAliases", machine=arn):
            answer = self._connection.reader("stepfunctions").list_state_machine_aliases(stateMachineArn=arn, maxResults=100)
        return [str(alias["stateMachineAliasArn"]) for alias in answer["stateMachineAliases"]]

    def _attributes(self, machine: Mapping[str, Any], tags: Mapping[str, str], *, alias: str) -> dict[str, Json]:
        logging = machine.get("loggingConfiguration", {})
        groups = [
            str(target["cloudWatchLogsLogGroup"]["logGroupArn"]).removesuffix(":*")
            for target in logging.get("destinations", ())
        ]
        tracing = bool(machine.get("tracingConfiguration", {}).get("enabled", False))
        if "tracing" in self._connection.drops:
            tracing = tags.get(TAG_TRACING) == "true"
        return {
            "type": str(machine["type"]),
            "definition": machine["definition"],
            "role_arn": str(machine["roleArn"]),
            "tracing": tracing,
            "alias": alias,
            "logging": {
                "level": str(logging.get("level", "OFF")),
                "include_execution_data": bool(logging.get("includeExecutionData", False)),
                "log_group_arn": groups[0] if groups else None,
            },
            "tags": users_own(tags),
        }

    def _content(self, resource: ResolvedResource) -> dict[str, object]:
        """Give what Create and Update have in common."""
        attributes: Mapping[str, Any] = resource.attributes
        logging = attributes["logging"]
        configuration: dict[str, object] = {
            "level": logging["level"],
            "includeExecutionData": logging["include_execution_data"],
        }
        if logging["log_group_arn"]:
            configuration["destinations"] = [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{logging['log_group_arn']}:*"}}]
        return {
            "definition": definition_text(attributes["definition"]),
            "roleArn": attributes["role_arn"],
            "loggingConfiguration": configuration,
            "tracingConfiguration": {"enabled": attributes["tracing"]},
            "versionDescription": f"bunsui {resource.tags.get(TAG_ADDRESS, resource.physical_name)}"[:256],
        }

    def _tags(self, resource: ResolvedResource) -> Mapping[str, str]:
        if "tracing" in self._connection.drops and resource.attributes["tracing"]:
            return {**resource.tags, TAG_TRACING: "true"}
        return resource.tags


def definition_text(definition: Json) -> str:
    """Give the definition as it is stored: indented for the console's reader as long as there is room."""
    text = json.dumps(definition, indent=2, ensure_ascii=False)
    return text if len(text) <= _READABLE_CHARS else json.dumps(definition, separators=(",", ":"), ensure_ascii=False)


def _content_of(machine: Mapping[str, Any]) -> tuple[Json, str]:
    """Give what decides how an execution behaves. Compared rather than revision ids: not every endpoint has them, and they
    also change when nothing did."""
    return machine["definition"], str(machine["roleArn"])


def _published(
    version_arn: str, machine: Mapping[str, Any], versions: Mapping[str, AppliedResource]
) -> tuple[Json, str] | None:
    """Give the content of a version that bunsui published, from what was applied: versions never change. None when it has to
    be read, as for the version of a machine that was made anew since, whose numbers begin again at 1."""
    applied = versions.get(version_arn)
    made = machine.get("creationDate")
    if applied is None or applied.written_at is None or made is None or made > applied.written_at:
        return None
    if applied.attributes.get("alias") != DEFAULT_ALIAS:
        return None  # recorded as it was found, with the alias elsewhere
    return applied.attributes["definition"], str(applied.attributes["role_arn"])

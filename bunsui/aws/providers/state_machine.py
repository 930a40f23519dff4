"""Step Functions state machines, with the version that the alias points to."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import EXISTS_CODES, aws_code, none_unless_permitted
from bunsui.aws.identity import StsIdentity
from bunsui.aws.objects import bulk
from bunsui.aws.objects.bulk_tags import BulkTags
from bunsui.aws.objects.machine_content import attributes_of, content_of
from bunsui.aws.objects.machine_grants import MACHINE_GRANTS
from bunsui.aws.objects.machine_versions import (
    DEFAULT_ALIAS,
    content_of_version,
    hand_back,
    publish_as_it_is,
    published_content_of,
    version_if_unmoved,
)
from bunsui.aws.objects.observed import observed_resource, written
from bunsui.aws.objects.tags import TAG_TRACING, check_ours, from_list, lower_list, tag_change
from bunsui.aws.providers.parts import ProviderParts
from bunsui.errors import Conflict, Missing, Passing, Unsupported
from bunsui.kinds.naming import name_prefix
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import TAG_PROJECT, ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written
from bunsui.retry import Backoff, Retrying, RetryPolicy, retry, retry_result
from bunsui.system_clock import SystemClock

_DELETING = "DELETING"
_UNTIL_TAGGED: RetryPolicy[ActualResource | None] = RetryPolicy(
    retries=lambda actual: actual is None or TAG_PROJECT not in actual.tags, backoff=Backoff(first_seconds=0.5), attempts=5
)
"""For the reads after a create."""
_UNTIL_SEEN: RetryPolicy[Exception] = RetryPolicy(
    retries=lambda error: isinstance(error, Missing),
    backoff=Backoff(first_seconds=0.5, longest_seconds=2.0),
    patience_seconds=25.0,
)
"""For an alias to a version that was published a moment ago. To repeat the whole write would publish another one each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """Where the alias leads."""

    version_arn: str
    label: str
    """The alias's name, with a remark when it does not lead to the machine's newest revision only; empty without an alias."""


GRANTS = MACHINE_GRANTS
"""What the caller must be allowed on the kind."""


def provider(parts: ProviderParts) -> StateMachineProvider:
    """Return the kind's provider."""
    return StateMachineProvider(parts.connection, parts.identity)


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
        """Return the machines whose name begins as the scope's do, and those that bear a wanted name.

        With suspects, only these are described."""
        return self._read_all(scope, wanted, applied, suspects=suspects)

    def read_routed(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource],
        routes: Collection[Address],
    ) -> Sequence[ActualResource]:
        """Return the same, asking of few where their alias leads."""
        return self._read_all(scope, wanted, applied, routes=routes)

    def _read_all(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        applied: Mapping[Address, AppliedResource],
        *,
        suspects: Collection[Address] | None = None,
        routes: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        prefix = name_prefix(scope)
        names = {resource.physical_name for resource in wanted if resource.address.kind == self.kind}
        pages = none_unless_permitted(lambda: self._connection.pages("stepfunctions", "list_state_machines", "stateMachines"))
        listed = None if pages is None else {str(machine["name"]) for machine in pages}
        only = bulk.survey_of(self.kind, scope, applied, suspects) if listed is not None else None
        versions = {
            resource.outputs["version_arn"]: resource
            for address, resource in applied.items()
            if address.kind == self.kind and "version_arn" in resource.outputs
        }
        known = BulkTags(
            self._connection, kind=self.kind, resource_type="states:stateMachine", scope=scope, wanted=wanted, only=only
        )

        before = bulk.written_before(self.kind, applied)

        def read_one(address: Address, name: str) -> ActualResource | None:
            if only is not None and only.trusts(name):
                return only.assumed(name)
            trusted = before.get(name) if routes is not None else None
            if trusted is not None and trusted.address in (routes or ()):
                trusted = None
            return self._read(address, name, known.of(name, self._arn(name)), versions, trusted)

        return bulk.read_owned(
            self._connection,
            kind=self.kind,
            scope=scope,
            wanted=wanted,
            written=before,
            listed=None if listed is None else {name for name in listed if name.startswith(prefix) or name in names},
            beyond=lambda name: False,
            read_one=read_one,
        )

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Return the machine of that name, None when it does not exist or is being deleted."""
        return self._read(address, physical_name, None, {})

    def _read(
        self,
        address: Address,
        physical_name: str,
        tags: Mapping[str, str] | None,
        versions: Mapping[str, AppliedResource],
        trusted: AppliedResource | None = None,
    ) -> ActualResource | None:
        """`versions` are those that bunsui published last, by ARN; `trusted` is what was applied, where that is believed."""
        arn = self._arn(physical_name)
        machine = self._describe(arn)
        if machine is None or machine.get("status") == _DELETING:
            return None
        if tags is None:
            try:
                with self._connection.translated("stepfunctions", "ListTagsForResource", machine=physical_name):
                    tags = from_list(self._connection.reader("stepfunctions").list_tags_for_resource(resourceArn=arn)["tags"])
            except Missing:
                return None
        believed = version_if_unmoved(machine, trusted)
        route = _Route(version_arn=believed, label=DEFAULT_ALIAS) if believed else self._route(arn, machine, versions)
        outputs = {"arn": arn, "alias_arn": f"{arn}:{DEFAULT_ALIAS}"}
        if route.version_arn:
            outputs["version_arn"] = route.version_arn
        actual = observed_resource(
            address,
            physical_name,
            attributes=attributes_of(machine, tags, alias=route.label, drops=self._connection.drops),
            outputs=outputs,
            tags=tags,
        )
        return replace(actual, is_assumed=True, unread="where its alias leads") if believed else actual

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
                    **content_of(resource),
                )
            version_arn = str(answer.get("stateMachineVersionArn", ""))
        except Conflict as error:
            if aws_code(error) not in EXISTS_CODES:
                raise
        actual = self._read_settled(resource.address, name)
        check_ours(actual, resource.tags)
        unlike = {key for key, value in attributes.items() if key != "alias" and actual.attributes.get(key) != value}
        if unlike or not version_arn:
            return self.update(resource, actual)
        return self._release_version(resource, actual.outputs["arn"], version_arn, has_alias=bool(actual.attributes["alias"]))

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Write the machine and publish a version in one call, then the tags, then move the alias. Where tags alone differ,
        they are all that is written: the version stays. Where only the alias is missing, what is there is published."""
        name = resource.physical_name
        arn = actual.outputs["arn"]
        client = self._connection.writer("stepfunctions")
        released, differing = actual.outputs.get("version_arn", ""), _differing(resource, actual)
        version_arn = released if differing <= {"tags"} else ""
        if not version_arn and differing <= {"tags", "alias"} and not actual.attributes.get("alias"):
            with suppress(Unsupported):  # then the update publishes, too
                version_arn = publish_as_it_is(self._connection, resource, arn)
        if not version_arn:
            with self._connection.translated("stepfunctions", "UpdateStateMachine", machine=name):
                answer = client.update_state_machine(stateMachineArn=arn, publish=True, **content_of(resource))
            version_arn = str(answer["stateMachineVersionArn"])
        change = tag_change(actual.tags, self._tags(resource))
        if change.added:
            with self._connection.translated("stepfunctions", "TagResource", machine=name):
                client.tag_resource(resourceArn=arn, tags=lower_list(change.added))
        if change.removed:
            with self._connection.translated("stepfunctions", "UntagResource", machine=name):
                client.untag_resource(resourceArn=arn, tagKeys=list(change.removed))
        if version_arn == released:
            return written(resource, {"arn": arn, "alias_arn": actual.outputs["alias_arn"], "version_arn": version_arn})
        return self._release_version(resource, arn, version_arn, has_alias=bool(actual.attributes.get("alias")))

    def retire(self, actual: ActualResource) -> ActualResource:
        """Remove the aliases, through which sessions are started; executions that run go on, and their versions stay."""
        arn = self._arn(actual.physical_name)
        self._remove_aliases(arn, actual.physical_name)
        return observed_resource(
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

    def hand_back(self, actual: ActualResource, before: ActualResource) -> None:
        """Remove the alias and the version that were not there before, and our tags."""
        hand_back(self._connection, actual, before)

    def _remove_aliases(self, arn: str, name: str) -> None:
        for alias in self._aliases(arn):
            try:
                with self._connection.translated("stepfunctions", "DeleteStateMachineAlias", machine=name):
                    self._connection.writer("stepfunctions").delete_state_machine_alias(stateMachineAliasArn=alias)
            except Missing:
                continue

    def _read_settled(self, address: Address, name: str) -> ActualResource:
        """Read a machine that was made a moment ago: Step Functions may take some seconds to know it, and its tags,
        everywhere."""
        actual = retry_result(lambda: self.read(address, name), _UNTIL_TAGGED, Retrying(clock=SystemClock()))
        if actual is not None:
            return actual  # where it is without a tag of ours, it is somebody else's
        raise Conflict(
            "machine-not-readable",
            "the state machine was made and cannot be read, or it is still being deleted",
            hint="Apply again in a minute.",
            passes=Passing.LATER,
            waits_for="AWS to show, or to end the deletion of, what has its name",
            machine=name,
        )

    def _release_version(self, resource: ResolvedResource, arn: str, version_arn: str, *, has_alias: bool) -> Written:
        """Point the alias at the version, with a weight of 100: the last step of every write.

        Before, it is seen that the version is what was written. `has_alias` is whether an alias was seen: where none was, it is
        made at once, and moved when it turns out to be there.
        """
        attributes: Mapping[str, Any] = resource.attributes
        published = self._describe(version_arn)
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

        def move() -> None:
            with self._connection.translated("stepfunctions", "UpdateStateMachineAlias", alias=alias_arn):
                client.update_state_machine_alias(stateMachineAliasArn=alias_arn, routingConfiguration=routing)

        def make() -> None:
            with self._connection.translated("stepfunctions", "CreateStateMachineAlias", alias=alias_arn):
                client.create_state_machine_alias(name=alias, routingConfiguration=routing)

        first, otherwise, second = (move, Missing, make) if has_alias else (make, Conflict, move)

        def release() -> None:
            try:
                first()
            except otherwise:
                second()

        retry(release, (_UNTIL_SEEN,), Retrying(clock=SystemClock()))
        return written(resource, {"arn": arn, "alias_arn": alias_arn, "version_arn": version_arn})

    def _arn(self, name: str) -> str:
        return self._identity.arn("states", f"stateMachine:{name}")

    def _describe(self, arn: str) -> Mapping[str, Any] | None:
        """Return a machine or version, its definition parsed."""
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
        content = content_of_version(version_arn, machine, versions) or self._contents.get(key)
        if content is None and (version := self._describe(version_arn)) is not None:
            content = self._contents[key] = published_content_of(version)
        if content != published_content_of(machine):
            return _Route(
                version_arn=version_arn, label=f"{DEFAULT_ALIAS} (at {version_arn.rpartition(':')[2]}, not the newest)"
            )
        return _Route(version_arn=version_arn, label=DEFAULT_ALIAS)

    def _aliases(self, arn: str) -> Sequence[str]:
        with self._connection.translated("stepfunctions", "ListStateMachineAliases", machine=arn):
            answer = self._connection.reader("stepfunctions").list_state_machine_aliases(stateMachineArn=arn, maxResults=100)
        return [str(alias["stateMachineAliasArn"]) for alias in answer["stateMachineAliases"]]

    def _tags(self, resource: ResolvedResource) -> Mapping[str, str]:
        if "tracing" in self._connection.drops and resource.attributes["tracing"]:
            return {**resource.tags, TAG_TRACING: "true"}
        return resource.tags


def _differing(resource: ResolvedResource, actual: ActualResource) -> set[str]:
    """Return the names of the attributes that are not as they are wanted."""
    return {name for name, value in resource.attributes.items() if actual.attributes.get(name) != value}

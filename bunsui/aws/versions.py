"""Published versions: of machines in Step Functions, and of functions in Lambda."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from bunsui.aws.connect import Connection
from bunsui.aws.objects.function_versions import is_there
from bunsui.errors import AccessDenied, Missing
from bunsui.model.deployments.named_versions import named_versions
from bunsui.ports.versions import FunctionVersion, MachineVersion

_PAGE = 1000


class AwsVersionStore:
    """Implements `bunsui.ports.versions.VersionStore`, `Versions` and `PublishedVersions`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def machine_versions(self, machine_arn: str) -> Sequence[str]:
        """Return the ARNs of all versions, newest first."""
        found: list[str] = []
        more: dict[str, str] = {}
        while True:
            with self._connection.translated("stepfunctions", "ListStateMachineVersions", machine=machine_arn):
                answer = self._connection.reader("stepfunctions").list_state_machine_versions(
                    stateMachineArn=machine_arn, maxResults=_PAGE, **more
                )
            found += [str(version["stateMachineVersionArn"]) for version in answer["stateMachineVersions"]]
            if not answer.get("nextToken"):
                return found
            more = {"nextToken": str(answer["nextToken"])}

    def routed(self, machine_arn: str) -> frozenset[str]:
        """Return the versions that the machine's aliases lead to."""
        client = self._connection.reader("stepfunctions")
        with self._connection.translated("stepfunctions", "ListStateMachineAliases", machine=machine_arn):
            aliases = client.list_state_machine_aliases(stateMachineArn=machine_arn, maxResults=100)["stateMachineAliases"]
        found: set[str] = set()
        for alias in aliases:
            arn = str(alias["stateMachineAliasArn"])
            with self._connection.translated("stepfunctions", "DescribeStateMachineAlias", alias=arn):
                routes = client.describe_state_machine_alias(stateMachineAliasArn=arn)["routingConfiguration"]
            found |= {str(route["stateMachineVersionArn"]) for route in routes}
        return frozenset(found)

    def machine_version(self, version_arn: str) -> MachineVersion | None:
        """Return what a version is; None when it is gone."""
        try:
            with self._connection.translated("stepfunctions", "DescribeStateMachine", machine=version_arn):
                answer = self._connection.reader("stepfunctions").describe_state_machine(stateMachineArn=version_arn)
        except Missing:
            return None
        functions = frozenset(named_versions(json.loads(answer["definition"])))
        return MachineVersion(description=str(answer.get("description") or ""), functions=functions)

    def lead(self, alias_arn: str, version_arn: str) -> None:
        """Lead the alias to that version alone."""
        with self._connection.translated("stepfunctions", "UpdateStateMachineAlias", alias=alias_arn, version=version_arn):
            self._connection.writer("stepfunctions").update_state_machine_alias(
                stateMachineAliasArn=alias_arn,
                routingConfiguration=[{"stateMachineVersionArn": version_arn, "weight": 100}],
            )

    def find_gone(self, version_arns: Collection[str]) -> frozenset[str]:
        """Return the versions of functions that are not there any more, by a call each."""
        arns = sorted(version_arns)
        there = self._connection.each(self._is_there, arns)
        return frozenset(arn for arn, is_there in zip(arns, there, strict=True) if not is_there)

    def _is_there(self, version_arn: str) -> bool:
        function, _, version = version_arn.rpartition(":")
        try:
            return is_there(self._connection, function, version)
        except AccessDenied:
            return True

    def function_versions(self, function_arn: str) -> Sequence[FunctionVersion]:
        """Return all published versions, newest first; none when the function is gone."""
        try:
            versions = self._connection.pages("lambda", "list_versions_by_function", "Versions", FunctionName=function_arn)
            aliases = self._connection.pages("lambda", "list_aliases", "Aliases", FunctionName=function_arn)
        except Missing:
            return []
        routed = {str(alias["FunctionVersion"]) for alias in aliases} | {
            str(version)
            for alias in aliases
            for version in (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        }
        found = [
            FunctionVersion(
                arn=f"{function_arn}:{version['Version']}",
                number=int(version["Version"]),
                description=str(version.get("Description") or ""),
                is_routed=str(version["Version"]) in routed,
            )
            for version in versions
            if str(version["Version"]).isdigit()
        ]
        return sorted(found, key=lambda version: version.number, reverse=True)

    def remove_machine_version(self, version_arn: str) -> None:
        """Remove it; success when it is already gone."""
        try:
            with self._connection.translated("stepfunctions", "DeleteStateMachineVersion", version=version_arn):
                client = self._connection.writer("stepfunctions")
                client.delete_state_machine_version(stateMachineVersionArn=version_arn)
        except Missing:
            return

    def remove_function_version(self, version_arn: str) -> None:
        """Remove it; success when it is already gone."""
        function, _, version = version_arn.rpartition(":")
        try:
            with self._connection.translated("lambda", "DeleteFunction", function=version_arn):
                self._connection.writer("lambda").delete_function(FunctionName=function, Qualifier=version)
        except Missing:
            return

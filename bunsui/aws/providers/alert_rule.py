"""EventBridge rules of the default event bus, with their targets."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.aws.grants import Grant, Purpose
from bunsui.aws.identity import StsIdentity
from bunsui.aws.objects import bulk
from bunsui.aws.objects.bulk_tags import BulkTags
from bunsui.aws.objects.observed import observed_resource, written
from bunsui.aws.objects.tags import check_ours, from_list, tag_change, upper_list, users_own
from bunsui.aws.providers.parts import ProviderParts
from bunsui.errors import CloudError, Missing
from bunsui.kinds.naming import name_prefix
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written

GRANTS = (
    Grant(sid="AlertRulesList", purpose=Purpose.PLAN, service="events", operations=("ListRules",)),
    Grant(
        sid="AlertRulesRead",
        purpose=Purpose.PLAN,
        service="events",
        operations=("DescribeRule", "ListTagsForResource", "ListTargetsByRule"),
        on=("events:rule/{names}",),
    ),
    Grant(
        sid="AlertRulesWrite",
        purpose=Purpose.APPLY,
        service="events",
        operations=("DeleteRule", "PutRule", "PutTargets", "RemoveTargets", "TagResource", "UntagResource"),
        actions={"PutRule": ("PutRule", "TagResource")},
        on=("events:rule/{names}",),
    ),
)
"""What the caller must be allowed on the kind."""


def provider(parts: ProviderParts) -> AlertRuleProvider:
    """Return the kind's provider."""
    return AlertRuleProvider(parts.connection, parts.identity)


class AlertRuleProvider:
    """Rules. Reads: ListRules and GetResources pages, ListTargetsByRule for each, then ListTagsForResource where these do not
    settle the tags."""

    kind = "alert_rule"

    def __init__(self, connection: Connection, identity: StsIdentity) -> None:
        """Make it on a connection; `identity` is asked for the account that ARNs name."""
        self._connection = connection
        self._identity = identity

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        """Return the rules whose name begins as the scope's do, and those that bear a wanted name.

        With suspects, only these are asked for their targets and tags."""
        prefix = name_prefix(scope)
        found = none_unless_permitted(lambda: self._connection.pages("events", "list_rules", "Rules", NamePrefix=prefix))
        rules = {str(rule["Name"]): rule for rule in found or ()}
        only = bulk.survey_of(self.kind, scope, applied, suspects) if found is not None else None
        if found is not None and not rules and not any(one.address.kind == self.kind for one in wanted):
            return []
        known = BulkTags(self._connection, kind=self.kind, resource_type="events:rule", scope=scope, wanted=wanted, only=only)

        def read_one(address: Address, name: str) -> ActualResource | None:
            if name not in rules:
                return self.read(address, name)
            if only is not None and only.trusts(name):
                return only.assumed(name)
            return self._observe(address, rules[name], known.of(name, str(rules[name]["Arn"])))

        return bulk.read_owned(
            self._connection,
            kind=self.kind,
            scope=scope,
            wanted=wanted,
            written=bulk.written_before(self.kind, applied),
            listed=None if found is None else rules,
            beyond=lambda name: not name.startswith(prefix),
            read_one=read_one,
        )

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Return the rule of that name, None when it does not exist."""
        try:
            with self._connection.translated("events", "DescribeRule", rule=physical_name):
                rule = self._connection.reader("events").describe_rule(Name=physical_name)
        except Missing:
            return None
        return self._observe(address, rule, None)

    def create(self, resource: ResolvedResource) -> Written:
        """Make the rule with its tags, then its targets; one of that name that is ours is brought up to date instead.

        PutRule would change a rule of that name, whosever it is."""
        there = self.read(resource.address, resource.physical_name)
        if there is not None:
            check_ours(there, resource.tags)
            return self.update(resource, there)
        arn = self._put(resource, Tags=upper_list(resource.tags))
        self._put_targets(resource, {})
        return written(resource, {"arn": arn})

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Write the whole rule, since PutRule resets what it is not given, the targets that differ, and the tags."""
        arn, name = self._put(resource), resource.physical_name
        before = actual.attributes.get("targets")
        self._put_targets(resource, before if isinstance(before, Mapping) else {})
        client, change = self._connection.writer("events"), tag_change(actual.tags, resource.tags)
        if change.added:
            with self._connection.translated("events", "TagResource", rule=name):
                client.tag_resource(ResourceARN=arn, Tags=upper_list(change.added))
        if change.removed:
            with self._connection.translated("events", "UntagResource", rule=name):
                client.untag_resource(ResourceARN=arn, TagKeys=list(change.removed))
        return written(resource, {"arn": arn})

    def delete(self, actual: ActualResource) -> None:
        """Remove the rule, its targets first; success when it is already gone."""
        name, client = actual.physical_name, self._connection.writer("events")
        try:
            targets = self._targets(name)
            if targets:
                self._remove_targets(name, [str(target["Id"]) for target in targets])
            with self._connection.translated("events", "DeleteRule", rule=name):
                client.delete_rule(Name=name)
        except Missing:
            return

    def _put(self, resource: ResolvedResource, **more: object) -> str:
        attributes = resource.attributes
        with self._connection.translated("events", "PutRule", rule=resource.physical_name):
            answer = self._connection.writer("events").put_rule(
                Name=resource.physical_name,
                Description=str(attributes.get("description") or ""),
                EventPattern=_text(attributes.get("pattern")),
                State="ENABLED" if attributes.get("enabled", True) else "DISABLED",
                **more,
            )
        return str(answer["RuleArn"])

    def _put_targets(self, resource: ResolvedResource, before: Mapping[str, Json]) -> None:
        wanted = resource.attributes.get("targets")
        targets: Mapping[str, Any] = wanted if isinstance(wanted, Mapping) else {}
        changed = [_sent(name, target) for name, target in targets.items() if before.get(name) != target]
        name = resource.physical_name
        if changed:
            with self._connection.translated("events", "PutTargets", rule=name):
                answer = self._connection.writer("events").put_targets(Rule=name, Targets=changed)
            _check(answer, "PutTargets", name)
        gone = sorted(before.keys() - targets.keys())
        if gone:
            self._remove_targets(name, gone)

    def _remove_targets(self, name: str, ids: Sequence[str]) -> None:
        with self._connection.translated("events", "RemoveTargets", rule=name):
            answer = self._connection.writer("events").remove_targets(Rule=name, Ids=list(ids))
        _check(answer, "RemoveTargets", name)

    def _targets(self, name: str) -> Sequence[Mapping[str, Any]]:
        return self._connection.pages("events", "list_targets_by_rule", "Targets", Rule=name)

    def _observe(
        self, address: Address, rule: Mapping[str, Any], tags: Mapping[str, str] | None
    ) -> ActualResource | None:  # fmt: skip
        name, arn = str(rule["Name"]), str(rule["Arn"])
        try:
            targets = self._targets(name)
            if tags is None:
                with self._connection.translated("events", "ListTagsForResource", rule=name):
                    answer = self._connection.reader("events").list_tags_for_resource(ResourceARN=arn)
                tags = from_list(answer.get("Tags", ()))
        except Missing:
            return None
        attributes: dict[str, Json] = {
            "description": str(rule.get("Description") or ""),
            "pattern": _parsed(rule.get("EventPattern")),
            "enabled": rule.get("State", "ENABLED") != "DISABLED",
            "targets": {str(target["Id"]): _seen(target) for target in sorted(targets, key=lambda one: str(one["Id"]))},
            "tags": users_own(tags),
        }
        return observed_resource(address, name, attributes=attributes, outputs={"arn": arn}, tags=tags)


def _sent(name: str, target: Mapping[str, Any]) -> dict[str, Any]:
    """Return a target as EventBridge takes it."""
    transformer = {"InputPathsMap": dict(target["paths"]), "InputTemplate": target["template"]}
    return {"Id": name, "Arn": target["arn"], "RoleArn": target["role_arn"], "InputTransformer": transformer}


def _seen(target: Mapping[str, Any]) -> dict[str, Json]:
    """Return a target as the kind has it; what somebody else set besides stands in it, so that it is seen. One of an older
    bunsui has no role."""
    transformer = target.get("InputTransformer") or {}
    rest = {key: value for key, value in target.items() if key not in ("Id", "Arn", "RoleArn", "InputTransformer")}
    role = {"role_arn": str(target["RoleArn"])} if "RoleArn" in target else {}
    return {
        "arn": str(target["Arn"]),
        **role,
        "paths": dict(sorted((transformer.get("InputPathsMap") or {}).items())),
        "template": str(transformer.get("InputTemplate") or ""),
        **({"more": rest} if rest else {}),
    }


def _check(answer: Mapping[str, Any], operation: str, rule: str) -> None:
    """PutTargets and RemoveTargets answer well although they failed for some targets."""
    for failed in answer.get("FailedEntries") or ():
        raise CloudError(
            "targets-refused",
            "EventBridge did not take all targets of a rule",
            service="events",
            operation=operation,
            rule=rule,
            target=failed.get("TargetId"),
            reason=f"{failed.get('ErrorCode')}: {failed.get('ErrorMessage')}",
        )


def _text(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _parsed(text: object) -> Json:
    """Return the pattern as JSON, as the text it is when it is none."""
    try:
        value: Json = json.loads(str(text or "{}"))
    except ValueError:
        return str(text)
    return value

"""What others put beside machines.

Sources: Step Functions API reference (ListStateMachineAliases, ListStateMachineVersions), EventBridge API reference
(ListRuleNamesByTarget).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bunsui.aws.beside.finding import Applied, Found, Question, ask_each, of_kind
from bunsui.aws.connect import Connection
from bunsui.kinds.alert_rule import ALERT_RULE
from bunsui.kinds.beside import wording as words
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import OWN_MACHINES, Address
from bunsui.model.beside import BesideOurs
from bunsui.model.names import SEPARATOR
from bunsui.model.resource import AppliedResource
from bunsui.ports.beside import Depth

_MOST = 1000
_ALIAS = "live"


def beside_machines(connection: Connection, applied: Applied, depth: Depth) -> Found:
    """Return what stands beside the machines, with DRIFT; nothing else, since each needs calls of its own."""
    if depth is not Depth.DRIFT:
        return []
    machines = of_kind(applied, MACHINE)
    rules = [rule.physical_name for rule in of_kind(applied, ALERT_RULE).values()]
    found = ask_each(connection, machines, _QUESTIONS)
    return [(address, one) for address, one in found if not _is_our_rule(one, address, machines[address], rules)]


def _is_our_rule(one: BesideOurs, address: Address, machine: AppliedResource, rules: Collection[str]) -> bool:
    """Tell whether a rule is one of those that were applied, or starts a machine of the environment for a pipeline that may not
    be among them: its name begins as the machine's does."""
    if one.what != words.RULE:
        return False
    prefix = machine.physical_name.rpartition(SEPARATOR)[0]
    return one.name in rules or (address.pipeline in OWN_MACHINES and one.name.startswith(f"{prefix}{SEPARATOR}"))


def _ask_aliases(connection: Connection, machine: AppliedResource) -> Iterator[BesideOurs]:
    arn = machine.outputs.get("arn", "")
    with connection.translated("stepfunctions", "ListStateMachineAliases", machine=arn):
        answer = connection.reader("stepfunctions").list_state_machine_aliases(stateMachineArn=arn, maxResults=_MOST)
    for alias in answer["stateMachineAliases"]:
        found = str(alias["stateMachineAliasArn"])
        if found.rpartition(":")[2] != _ALIAS:
            yield words.machine_alias(found)


def _ask_versions(connection: Connection, machine: AppliedResource) -> Iterator[BesideOurs]:
    """Versions above the one that was applied last, and made after it: those of bunsui are below it, or were it."""
    arn, known = machine.outputs.get("arn", ""), machine.outputs.get("version_arn", "").rpartition(":")[2]
    with connection.translated("stepfunctions", "ListStateMachineVersions", machine=arn):
        answer: Mapping[str, Any] = connection.reader("stepfunctions").list_state_machine_versions(
            stateMachineArn=arn, maxResults=_MOST
        )
    for version in answer["stateMachineVersions"]:
        found = str(version["stateMachineVersionArn"])
        number, made = found.rpartition(":")[2], version.get("creationDate")
        is_later = machine.written_at is None or made is None or made > machine.written_at
        if number.isdigit() and known.isdigit() and int(number) > int(known) and is_later:
            yield words.machine_version(found)


def _ask_rules(connection: Connection, machine: AppliedResource) -> Iterator[BesideOurs]:
    arns = [arn for name in ("arn", "alias_arn") if (arn := machine.outputs.get(name))]
    for arn in arns:
        for rule in connection.pages("events", "list_rule_names_by_target", "RuleNames", TargetArn=arn):
            yield words.rule_of_others(str(rule))


_QUESTIONS = (
    Question(ask=_ask_aliases, what="second aliases of machines", needs="states:ListStateMachineAliases"),
    Question(ask=_ask_versions, what="versions of machines", needs="states:ListStateMachineVersions"),
    Question(ask=_ask_rules, what="rules that start machines", needs="events:ListRuleNamesByTarget"),
)

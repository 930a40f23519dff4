"""Judges what a role's session calls by the role's policies, which the emulator's IAM has: of functions, of containers, of Task
states, of what reads and writes the objects of Maps.

A call is allowed, refused in AWS's words, or not judged, for a reason that is kept (`ledger`). Not judged, and let through, are
services whose operations are not called as IAM calls their actions, a role that is not there or has policies that nobody can
read, a resource that has a policy of its own, and what depends on facts that the request does not tell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bunsui.emulator.access.check import Denied
from bunsui.emulator.access.conditions import Facts
from bunsui.emulator.access.ledger import CallLedger, CallOutcome, JudgedCall
from bunsui.emulator.access.permission import Ruling, denial, verdict
from bunsui.emulator.access.principals import Principal
from bunsui.emulator.access.requested import Need, Unreadable, needs_of
from bunsui.emulator.access.signatures import Head, Signature
from bunsui.emulator.internals import inner

ENFORCE, WARN = "enforce", "warn"
_NO_ROLE = "the role is not in the embedded AWS"
_UNREADABLE = "a policy of the role cannot be read"
_OWN_POLICY = "the resource has a policy of its own, which may allow it"
_NO_KEY = "the key, whose policy may allow it, is not in the embedded AWS"
_UNDECIDED = "it depends on a condition or a resource that the request does not tell"


class Judge:
    """Judges requests at the gate, and what Step Functions does in a role's name without any request."""

    def __init__(
        self,
        ledger: CallLedger,
        *,
        mode: str = ENFORCE,
        warn: Callable[[str], None] = lambda _: None,
        policies: Callable[[str, str], Sequence[Mapping[str, Any]] | None] | None = None,
    ) -> None:
        """`mode` is `enforce` or `warn`, which lets pass what it would refuse and has `warn` say so; it may be changed.

        `policies` gives those of a role of an account as they count, None for as they are."""
        self.ledger = ledger
        self.mode = mode
        self._warn = warn
        self._policies = policies or policies_of

    def __call__(self, principal: Principal, signature: Signature, head: Head, body: bytes) -> Denied | None:
        """Return why the caller's role does not permit a request; None where it does, and where nobody can tell."""
        if not principal.role_arn:
            return None
        service = signature.scope[2]
        needed = needs_of(service, principal, signature, head, body)
        if isinstance(needed, Unreadable):
            self._note(principal.role_arn, Need(needed.action or service, ""), CallOutcome.NOT_JUDGED, needed.reason)
            return None
        for need in needed:
            refusal = self.refusal(principal, need)
            if refusal:
                return Denied("not-authorized" if service == "sns" else "not-permitted", refusal)
        return None

    def refusal(self, principal: Principal, need: Need, *, not_called: str = "") -> str:
        """Return AWS's words for what the session's role does not permit; empty where it does, and where nobody can tell.

        `not_called` is why nothing is called: what is not refused is then noted as not judged, for that reason."""
        ruling, reason = self._rule(principal, need)
        if not ruling.refuses and not_called:
            self._note(principal.role_arn, need, CallOutcome.NOT_JUDGED, not_called)
            return ""
        if not ruling.refuses:
            outcome = CallOutcome.ALLOWED if ruling is Ruling.ALLOWED else CallOutcome.NOT_JUDGED
            self._note(principal.role_arn, need, outcome, reason)
            return ""
        words = denial(principal.arn, need.action, need.resource, ruling)
        self._note(principal.role_arn, need, CallOutcome.REFUSED, words)
        if self.mode == WARN:
            self._warn(words)
            return ""
        return words

    def _rule(self, principal: Principal, need: Need) -> tuple[Ruling, str]:
        name = principal.role_arn.rpartition("/")[2]
        if not has_role(principal.account, name):
            return Ruling.UNDECIDED, _NO_ROLE
        policies = self._policies(principal.account, name)
        if policies is None:
            return Ruling.UNDECIDED, _UNREADABLE
        known = {**_facts_of(principal), **need.facts}
        rulings = {verdict(policies, need.action, need.resource, {**known, **one}) for one in need.perhaps}
        found = rulings.pop() if len(rulings) == 1 else Ruling.UNDECIDED
        if found is Ruling.UNDECIDED:
            return found, _UNDECIDED
        service = need.action.partition(":")[0]
        if found is Ruling.NOT_ALLOWED and service == "kms" and not has_key(principal.account, need.resource):
            return Ruling.UNDECIDED, _NO_KEY
        if found is Ruling.NOT_ALLOWED and _may_be_allowed_by_resource(principal.account, service, need.resource):
            return Ruling.UNDECIDED, _OWN_POLICY
        return found, ""

    def _note(self, role: str, need: Need, outcome: CallOutcome, reason: str) -> None:
        self.ledger.note(JudgedCall(role=role, action=need.action, resource=need.resource, outcome=outcome, reason=reason))


def _facts_of(principal: Principal) -> Facts:
    return {
        "aws:principalaccount": [principal.account],
        "aws:principalarn": [principal.role_arn],
        "aws:principaltype": ["AssumedRole"],
        "aws:securetransport": ["true"],  # on AWS; here nothing leaves the machine
    }


def has_role(account: str, name: str) -> bool:
    """Tell whether the embedded AWS has a role of that name."""
    from ministack.services import iam

    return inner(iam, "_roles").get_scoped(account, None, name) is not None


def trust_of(account: str, name: str) -> object:
    """Return whom a role trusts, its policy document; None where there is no such role."""
    from ministack.services import iam

    found = inner(iam, "_roles").get_scoped(account, None, name)
    trusted = None if found is None else found["AssumeRolePolicyDocument"]
    return json.loads(trusted) if isinstance(trusted, str) else trusted


def policies_of(account: str, role: str) -> Sequence[Mapping[str, Any]] | None:
    """Return the documents of the role's policies; None where there is no such role, or one cannot be read."""
    from ministack.core import iam_evaluator
    from ministack.core.responses import request_scope
    from ministack.services import iam

    found = inner(iam, "_roles").get_scoped(account, None, role)
    if found is None:
        return None
    with request_scope(account, ""):
        attached = [inner(iam_evaluator, "_resolve_managed_policy_document")(arn, account) for arn in found["AttachedPolicies"]]
    try:
        read = [json.loads(one) if isinstance(one, str) else one for one in (*found["InlinePolicies"].values(), *attached)]
    except ValueError:
        return None
    return read if all(isinstance(one, Mapping) for one in read) else None


def _may_be_allowed_by_resource(account: str, service: str, resource: str) -> bool:
    """Tell whether the resource has a policy of its own that allows something to others than services of AWS."""
    from ministack.core import iam_evaluator
    from ministack.core.responses import request_scope

    if not resource:
        return False
    with request_scope(account, _region_of(resource) if service == "kms" else ""):
        found = inner(iam_evaluator, "_resource_policy")(service, resource)
    try:
        policy = json.loads(found[0]) if found and isinstance(found[0], str) and found[0] else found and found[0]
    except ValueError:
        return True
    given = policy.get("Statement") if isinstance(policy, Mapping) else None
    statements = [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, Mapping)]
    given_to = [one.get("Principal") for one in statements if one.get("Effect") == "Allow"]
    return any(not (_is_for_services(one) or (service == "kms" and _is_for_account(one, account))) for one in given_to)


def has_key(account: str, arn: str) -> bool:
    """Tell whether the embedded AWS has a key of KMS."""
    from ministack.core import iam_evaluator
    from ministack.core.responses import request_scope

    with request_scope(account, _region_of(arn)):
        return inner(iam_evaluator, "_resource_policy")("kms", arn) is not None


def _region_of(arn: str) -> str:
    return arn.split(":")[3] if arn.count(":") > 3 else ""


def _is_for_account(principal: object, account: str) -> bool:
    """Tell whether a key's policy leaves it to IAM, as the usual one does (KMS developer guide, "Default key policy")."""
    named = principal.get("AWS") if isinstance(principal, Mapping) and set(principal) == {"AWS"} else None
    return named in (f"arn:aws:iam::{account}:root", account)


def _is_for_services(principal: object) -> bool:
    return isinstance(principal, Mapping) and set(principal) == {"Service"}

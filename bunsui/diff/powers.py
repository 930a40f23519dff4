"""What a permission gives beyond the data that it names: to become somebody else, to read credentials, to do anything.

Sources: Service Authorization Reference (IAM, STS, Secrets Manager, Systems Manager, KMS, Lambda); IAM user guide, "Granting a
user permissions to pass a role to an AWS service".
"""

from __future__ import annotations

from bunsui.diff.widening import ALL_BUT

_SERVICES = frozenset({"iam", "sts", "organizations", "account", "sso", "identitystore"})
"""Services whose every write says who may do what."""
_ACTIONS = frozenset(
    {
        "kms:creategrant",
        "kms:decrypt",
        "kms:putkeypolicy",
        "lambda:addpermission",
        "lambda:createfunction",
        "lambda:updatefunctioncode",
        "lambda:updatefunctionconfiguration",
        "s3:putbucketpolicy",
        "secretsmanager:batchgetsecretvalue",
        "secretsmanager:getsecretvalue",
        "secretsmanager:putresourcepolicy",
        "ssm:getparameter",
        "ssm:getparameterhistory",
        "ssm:getparameters",
        "ssm:getparametersbypath",
        "ssm:sendcommand",
    }
)
"""Single actions, in lower case: IAM takes no notice of it."""
_READS = ("describe", "get", "list")
_NO_FINER = frozenset({"logs", "xray"})
"""Services of which every machine needs actions that know no finer resource than `*`."""
_SERVICE_PRINCIPAL = "Service:"


def gives_power(action: str, target: str) -> bool:
    """Tell whether being allowed the action on the target reaches beyond what a pipeline works with.

    `target` is a resource, or in a trust policy who may assume the role, as `bunsui.diff.widening` says it.
    """
    if action.startswith(ALL_BUT) or target.startswith(ALL_BUT):
        return True
    service, _, verb = action.lower().partition(":")
    if target.startswith(_SERVICE_PRINCIPAL):
        return False
    if any(wildcard in action for wildcard in "*?") or action.lower() in _ACTIONS:
        return True
    reads = verb.startswith(_READS)
    if service in _SERVICES and not reads:
        return True
    return target == "*" and not reads and service not in _NO_FINER

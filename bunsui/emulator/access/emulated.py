"""Keys that the emulator itself made (IAM, STS): what they have to know of ours.

The emulator looks up the account and the identity of a caller in its table of sessions, by the id of the key.
"""

from __future__ import annotations

import sys
from typing import Any

from bunsui.emulator.access.presigned import presigned_url
from bunsui.emulator.access.principals import Issuer, Keys, KnownKey, Principal, role_session, service
from bunsui.emulator.internals import inner, replace_inner

_INTRODUCED = "bunsui"
"""Marks a session that `introduce` wrote: it says who somebody is, and vouches for nobody."""
_CODE_SECONDS = 600
"""How long the URL of a function's code is good for, as on AWS."""


def known_to_emulator(access_key: str, token: str | None) -> KnownKey | None:
    """Return a key that `sts:AssumeRole` and its like, or `iam:CreateAccessKey`, made here."""
    from ministack.services import iam, sts

    session = inner(sts, "_sessions").get(access_key)
    if session is not None and session.get("SecretAccessKey") and _INTRODUCED not in session:
        return _of_session(access_key, session)
    if token:
        return None
    for (account, key), made in list(inner(iam, "_access_keys").to_dict().items()):
        if key == access_key and made.get("Status") == "Active":
            user = str(made["UserName"])
            principal = Principal(account=account, arn=f"arn:aws:iam::{account}:user/{user}", user_id=f"AIDA{user}")
            return KnownKey(principal=principal, keys=Keys(access_key=access_key, secret_key=str(made["SecretAccessKey"])))
    return None


def _of_session(access_key: str, session: dict[str, Any]) -> KnownKey:
    arn = str(session["Arn"])
    principal = Principal(account=arn.split(":")[4], arn=arn, user_id=str(session.get("UserId", "")))
    keys = Keys(access_key=access_key, secret_key=str(session["SecretAccessKey"]), token=str(session.get("SessionToken") or ""))
    return KnownKey(principal=principal, keys=keys, expires=session.get("Expiration"))


def introduce(key: KnownKey) -> None:
    """Tell the emulator to whom the key belongs, before it sees a request that was signed with it."""
    from ministack.services import sts

    sessions: dict[str, dict[str, Any]] = inner(sts, "_sessions")
    if key.keys.access_key not in sessions:
        principal = key.principal
        kind = "AssumedRole" if principal.role_arn else "User"
        sessions[key.keys.access_key] = {
            "Arn": principal.arn,
            "UserId": principal.user_id,
            # S3 checks presigned URLs once more by itself.
            "SecretAccessKey": key.keys.secret_key,
            "SessionToken": key.keys.token,
            _INTRODUCED: True,
            "AccountId": principal.account,
            "PrincipalType": kind,
            "PrincipalName": principal.arn.rpartition("/")[2] if kind == "User" else "",
        }


def is_awaited(path: str) -> bool:
    """Tell whether a stack that is being made waits for an answer at the path, which ends in a random word of its own."""
    for prefix, module, table in _ANSWERS:
        loaded = sys.modules.get(f"ministack.services.cloudformation.{module}")
        if path.startswith(prefix) and loaded is not None:
            return path.removeprefix(prefix) in inner(loaded, table)
    return False


_ANSWERS = (
    ("/_ministack/cfn-response/", "custom_resource", "_pending"),
    ("/_ministack/cfn-signal/", "wait_conditions", "_handles"),
)
"""What a path begins with, and the module and the table that know the words. Stacks are loaded when somebody makes one."""


def give_functions_their_role(issuer: Issuer) -> None:
    """Start functions with the keys of a session of their role, as Lambda does."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
        parts = str(config.get("FunctionArn", "")).split(":")
        account = parts[4] if len(parts) > 4 else ""
        session = role_session(str(config.get("Role", "")), str(config.get("FunctionName", "")), account=account)
        return issuer.keys(session).environment() if session is not None else {}

    inner(lambda_runtime, "execution_credentials")
    for module in (lambda_runtime, lambda_svc):
        replace_inner(module, "execution_credentials", execution_credentials)


def take_forms_for_content() -> None:
    """Keep a form that somebody uploads with a presigned URL from being read as a request to another service."""
    from ministack import app

    routing_params = inner(app, "_routing_params")

    def of_request(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> dict[str, Any]:
        is_presigned = "X-Amz-Signature" in query or "AWSAccessKeyId" in query
        return query if is_presigned else dict(routing_params(method, path, headers, body, query))

    replace_inner(app, "_routing_params", of_request)


def presign_urls(issuer: Issuer, *, base_url: str) -> None:
    """Sign the URLs of a function's and a layer's code, as the bucket of Lambda does."""
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import lambda_svc

    def signed(path: str) -> str:
        keys = issuer.keys(service("lambda", get_account_id()))
        return presigned_url(base_url + path, keys, region=get_region(), seconds=_CODE_SECONDS)

    def code_url(name: str) -> str:
        return signed(f"/_ministack/lambda-code/{get_account_id()}/{get_region()}/{name}")

    def layer_url(name: str, version: int) -> str:
        return signed(f"/_ministack/lambda-layers/{get_account_id()}/{get_region()}/{name}/{version}/content")

    replace_inner(lambda_svc, "_presigned_code_url", code_url)
    replace_inner(lambda_svc, "_layer_content_url", layer_url)

"""The principals of the embedded AWS, by the keys that name them.

All keys come from one secret of the data folder: who can read that file is the owner of everything in the folder anyway. A key
with a session token describes its principal in the token, sealed by the secret, so nothing has to be stored for it, and it
goes on being good when the embedded AWS is started again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache

DEFAULT_ACCOUNT = "000000000000"
DEVELOPER = "developer"
STEP_FUNCTIONS = "StepFunctions"
"""The name of the sessions in which Task states call services."""
CALLER = "bunsui.caller"
"""The key of the ASGI scope under which the applications behind the gate find the caller's `Principal`."""
_SEALED_BYTES = 32
_MOST_KEPT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who somebody is: a user, a service, or the session of a role."""

    account: str
    """Twelve digits: where he works."""
    arn: str
    """As `sts:GetCallerIdentity` tells it, such as `arn:aws:sts::000000000000:assumed-role/ROLE/SESSION`."""
    user_id: str
    """As `sts:GetCallerIdentity` tells it."""
    role_arn: str = ""
    """The role of a session, with its path; empty for users and services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What a client signs with."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    """None for keys of the developer in the default account, which need none."""

    def environment(self) -> dict[str, str]:
        """Return the variables that AWS clients read; a token that is left over in a shell is made empty."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.token or "",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """A key that the embedded AWS knows."""

    principal: Principal
    keys: Keys
    expires: float | None = None
    """Seconds since 1970; None for never."""


def developer(account: str = DEFAULT_ACCOUNT) -> Principal:
    """Return the developer at the keyboard, in one of the accounts."""
    return Principal(account=account, arn=f"arn:aws:iam::{account}:user/{DEVELOPER}", user_id="AIDADEVELOPER")


def service(name: str, account: str) -> Principal:
    """Return a service of AWS, such as `states`, that works in an account for itself."""
    return Principal(
        account=account, arn=f"arn:aws:iam::{account}:service/{name}.amazonaws.com", user_id=f"{name}.amazonaws.com"
    )


def role_session(role_arn: str, name: str, *, account: str = "") -> Principal | None:
    """Return the session of a role; None when that is no ARN of a role. `name` is cut to AWS's 64 characters.

    `account` is that of the function or the machine that has the role, the role's own when empty: on AWS they are the same one,
    and where the emulator took another account's role, what runs stays where it is.
    """
    parts = role_arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "iam" or not parts[5].startswith("role/") or len(parts[4]) != 12:
        return None
    role = parts[5].rpartition("/")[2]
    session = name[:64]
    where = account or parts[4]
    arn = f"arn:{parts[1]}:sts::{where}:assumed-role/{role}/{session}"
    return Principal(account=where, arn=arn, user_id=f"{_id_of('AROA', role_arn)}:{session}", role_arn=role_arn)


class Issuer:
    """Issues the keys of one data folder and knows them again."""

    def __init__(self, secret: bytes) -> None:
        """Make it: every key is derived from the one file that the data folder keeps for its owner."""
        self._secret = secret
        self._default = self._static(developer())
        self.known = lru_cache(maxsize=_MOST_KEPT)(self._known_key)
        """Return the key of that id and session token; None when it was not issued here."""
        self.keys = lru_cache(maxsize=_MOST_KEPT)(self._keys)
        """Return the keys of a principal: always the same ones."""

    def _keys(self, principal: Principal) -> Keys:
        if principal == self._default.principal:
            return self._default.keys
        described = base64.urlsafe_b64encode(json.dumps(asdict(principal), sort_keys=True).encode())
        return self._with_token((self._mac("token", described) + described).decode())

    def _known_key(self, access_key: str, token: str | None) -> KnownKey | None:
        if not token:
            same = hmac.compare_digest(access_key.encode(), self._default.keys.access_key.encode())
            return self._default if same else None
        seal, described = token.encode()[: len(self._mac("", b""))], token.encode()[len(self._mac("", b"")) :]
        if not hmac.compare_digest(seal, self._mac("token", described)):
            return None
        keys = self._with_token(token)
        if not hmac.compare_digest(access_key.encode(), keys.access_key.encode()):
            return None
        return KnownKey(principal=Principal(**json.loads(base64.urlsafe_b64decode(described))), keys=keys)

    def _static(self, principal: Principal) -> KnownKey:
        access_key = "AKIA" + _letters(self._digest("key", principal.arn.encode()))
        secret_key = self._mac("secret", access_key.encode()).decode()
        return KnownKey(principal=principal, keys=Keys(access_key=access_key, secret_key=secret_key))

    def _with_token(self, token: str) -> Keys:
        access_key = "ASIA" + _letters(self._digest("key", token.encode()))
        return Keys(access_key=access_key, secret_key=self._mac("secret", token.encode()).decode(), token=token)

    def _digest(self, use: str, about: bytes) -> bytes:
        return hmac.digest(self._secret, use.encode() + b"\0" + about, hashlib.sha256)

    def _mac(self, use: str, about: bytes) -> bytes:
        return base64.urlsafe_b64encode(self._digest(use, about)).rstrip(b"=")


def _letters(digest: bytes) -> str:
    """Return sixteen characters of the alphabet of access keys."""
    return base64.b32encode(digest)[:16].decode()


def _id_of(prefix: str, arn: str) -> str:
    return prefix + _letters(hashlib.sha256(arn.encode()).digest())

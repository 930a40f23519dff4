"""The ARNs of Step Functions: made, taken apart, and the rules of names.

Forms: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bunsui.emulator.stepfunctions.errors import invalid_arn, invalid_name

_FORBIDDEN = re.compile(r"[\s?*<>{}\[\]\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]")
"""https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html, "name"."""


@dataclass(frozen=True, slots=True)
class Location:
    """An account in a region: what one caller sees."""

    account: str
    region: str

    @property
    def prefix(self) -> str:
        """What every ARN of the location begins with."""
        return f"arn:{partition_of(self.region)}:states:{self.region}:{self.account}:"

    def machine(self, name: str) -> str:
        """Return the ARN of a state machine; add `:7` for a version and `:name` for an alias."""
        return f"{self.prefix}stateMachine:{name}"

    def execution(self, machine: str, name: str) -> str:
        """Return the ARN of an execution of a Standard machine."""
        return f"{self.prefix}execution:{machine}:{name}"

    def express(self, machine: str, name: str, run: str) -> str:
        """Return the ARN of an execution of an Express machine; `run` makes it unique."""
        return f"{self.prefix}express:{machine}:{name}:{run}"

    def activity(self, name: str) -> str:
        """Return the ARN of an activity."""
        return f"{self.prefix}activity:{name}"


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN of Step Functions, taken apart."""

    text: str
    location: Location
    kind: str
    """`stateMachine`, `execution`, `express`, `activity` or `mapRun`."""
    names: tuple[str, ...]
    """What follows the kind."""


def partition_of(region: str) -> str:
    """Return the partition of a region."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def parse_arn(text: str, *kinds: str) -> Arn:
    """Take an ARN apart. Refused as InvalidArn when it is none of Step Functions, or of another kind than those allowed."""
    parts = text.split(":")
    if parts[0] != "arn":
        raise invalid_arn(f"Invalid ARN prefix: {text}")
    if len(parts) < 7 or parts[2] != "states":
        raise invalid_arn(f"Invalid ARN: {text}")
    arn = Arn(text, Location(parts[4], parts[3]), parts[5], tuple(parts[6:]))
    if kinds and arn.kind not in kinds:
        raise invalid_arn(f"Resource type not valid in this context: {arn.kind}")
    return arn


def check_name(name: str) -> None:
    """Refuse a name that holds white space, wildcards, brackets or other characters that names may not hold."""
    if not name or _FORBIDDEN.search(name):
        raise invalid_name(name)


def check_role(arn: str) -> None:
    """Refuse what is not the ARN of a role."""
    if not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/.+", arn):
        raise invalid_arn(arn if arn.startswith("arn:") else f"Invalid ARN prefix: {arn}")

"""ARNs in the forms that a definition needs: for policies, and for the Resource of Tasks."""

from __future__ import annotations

import re

from bunsui.model.resource import Scope

_ARN = re.compile(r"^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):([0-9]{12}|aws|):(.+)$", re.DOTALL)


def is_arn(text: str) -> bool:
    """Tell whether the text has the form of an ARN."""
    return _ARN.match(text) is not None


def arn(scope: Scope, service: str, resource: str) -> str:
    """Return the ARN of something in the scope's own account and region."""
    return f"arn:{scope.partition}:{service}:{scope.region}:{scope.account}:{resource}"


def integration(scope: Scope, name: str) -> str:
    """Return the `Resource` of a Task that calls a service, such as `lambda:invoke` or `aws-sdk:s3:putObject`."""
    return f"arn:{scope.partition}:states:::{name}"


def events_rule(scope: Scope, name: str) -> str:
    """Return the ARN of a rule by which Step Functions itself learns that a job ended, such as
    `StepFunctionsGetEventsForECSTaskRule`. Source: Step Functions developer guide, "Run a Job (.sync)"."""
    return arn(scope, "events", f"rule/{name}")


EVENTS_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
"""What a machine's role needs on such a rule."""

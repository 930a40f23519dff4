"""The environment variables of a Lambda function: names that are reserved or malformed, and how much fits.

Sources: the pattern of botocore's model of Lambda (`EnvironmentVariableName`); the reserved names and the 4 KB of
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html; AWS's sentences as quoted in
mattermost-cloud-monitoring PR 264, aws-cdk PR 28048 (reserved names). The size that counts is that of the variables as JSON,
which the refusal quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from bunsui.kinds.constraints.broken import BrokenConstraint, Constraint
from bunsui.kinds.lambda_function import ENVIRONMENT

NAME_PATTERN = "[a-zA-Z]([a-zA-Z0-9_])+"
MOST_BYTES = ENVIRONMENT.most
"""All variables of a function together, as compact JSON."""
RESERVED = frozenset(
    {
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_MAX_CONCURRENCY",
        "AWS_LAMBDA_METADATA_API",
        "AWS_LAMBDA_METADATA_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
    }
)
"""What Lambda sets itself. Others that begin with AWS_LAMBDA_, such as AWS_LAMBDA_EXEC_WRAPPER, may be set."""

_NAME = re.compile(NAME_PATTERN)
_UNABLE = "Lambda was unable to configure your environment variables because the environment variables you have provided"


def broken_environment(variables: Mapping[str, str]) -> Iterator[BrokenConstraint]:
    """Yield what Lambda refuses of a function's environment variables."""
    for name in variables:
        if name in RESERVED:
            yield _reserved_name(name)
        elif _NAME.fullmatch(name) is None:
            yield _malformed_name(name)
    text = json.dumps(dict(variables), separators=(",", ":"), ensure_ascii=False)
    if (size := len(text.encode())) > MOST_BYTES:
        yield BrokenConstraint(
            member="",
            constraint=Constraint.SIZE,
            summary=f"the environment variables are {size:,} bytes together, and Lambda takes {MOST_BYTES:,}",
            hint="Put what is large into a file of the code, or into a parameter that the code reads.",
            aws_code="InvalidParameterValueException",
            aws_message=f"{_UNABLE} exceeded the 4KB limit. String measured: {text}",
        )


def _reserved_name(name: str) -> BrokenConstraint:
    return BrokenConstraint(
        member=name,
        on_key=True,
        constraint=Constraint.FORM,
        summary=f"Lambda sets the environment variable {name} itself, and refuses a function that sets it",
        hint="Give it another name.",
        aws_code="InvalidParameterValueException",
        aws_message=f"{_UNABLE} contains reserved keys that are currently not supported for modification."
        f" Reserved keys used in this request: {name}",
    )


def _malformed_name(name: str) -> BrokenConstraint:
    return BrokenConstraint(
        member=name,
        on_key=True,
        constraint=Constraint.FORM,
        summary=f"{name} is no name of an environment variable to Lambda",
        hint="It takes two characters at least: letters, digits and _, a letter first.",
        aws_code="ValidationException",
        aws_message="1 validation error detected: Value at 'environment.variables' failed to satisfy constraint:"
        f" Map keys must satisfy constraint: [Member must satisfy regular expression pattern: {NAME_PATTERN}]",
    )

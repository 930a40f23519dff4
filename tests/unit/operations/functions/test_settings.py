"""What is said of a function besides its code: refused where Lambda would refuse it, and what its role needs for it."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.operations.functions.settings import NETWORK_ACTIONS, TRACE_ACTIONS, setting_permissions
from tests.unit.operations.harness import kind_of, operation

CODE: dict[str, Any] = {"path": "code", "handler": "app.handler"}
QUEUE = "arn:aws:sqs:us-east-1:111122223333:failed"
TOPIC = "arn:aws:sns:us-east-1:111122223333:failed"
KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b"


def made(**more: Any) -> Any:
    return operation({"type": "lambda", "code": {**CODE, **more}})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"handler": "app"}, "handler: python3.12 takes one such as app.handler"),
        ({"runtime": "java21", "handler": "a b"}, "handler"),
        ({"runtime": "nodejs22.x", "handler": "index"}, "handler: nodejs22.x takes one such as index.handler"),
        ({"runtime": "nodejs22.x", "requirements": "lock.txt"}, "requirements: only Python's are packaged; .*node_modules"),
        ({"layers": ["arn:aws:lambda:us-east-1:111122223333:layer:tools"]}, "layers: .* is no ARN of a layer's version"),
        ({"dead_letter": "failed"}, "dead_letter: write the ARN"),
        ({"dead_letter": f"{QUEUE}.fifo"}, "dead_letter: write the ARN of a standard queue or topic"),
        ({"kms_key": "alias/own"}, "kms_key: write the key's ARN"),
        ({"network": {"subnets": [], "security_groups": ["sg-1"]}}, "at least 1"),
        ({"ephemeral_storage": 10_241}, "10240"),
        ({"reserved_concurrency": 0}, "greater than or equal to 1"),
    ],
)
def test_what_lambda_refuses_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(**given)


@pytest.mark.parametrize(
    ("runtime", "handler"),
    [
        ("nodejs24.x", "src/index.handler"),
        ("ruby3.4", "lambda_function.LambdaFunctions::Handler.process"),
        ("java25", "example.Handler::handleRequest"),
        ("dotnet8", "My.Assembly::My.Namespace.Class::Method"),
        ("provided.al2023", "bootstrap"),
    ],
)
def test_other_runtimes_have_their_own_handlers_and_run_on_aws_only(runtime: str, handler: str) -> None:
    found = made(runtime=runtime, handler=handler)
    assert kind_of(found).never_local(found.params) == f"it runs Python only, and the function has {runtime}"
    assert kind_of(made()).never_local(made().params) == ""


@pytest.mark.parametrize(
    ("given", "actions", "resources"),
    [
        ({"network": {"subnets": ["subnet-1"], "security_groups": ["sg-1"]}}, NETWORK_ACTIONS, ("*",)),
        ({"tracing": True}, TRACE_ACTIONS, ("*",)),
        ({"dead_letter": QUEUE}, ("sqs:SendMessage",), (QUEUE,)),
        ({"dead_letter": TOPIC}, ("sns:Publish",), (TOPIC,)),
        ({"kms_key": KEY}, ("kms:Decrypt",), (KEY,)),
    ],
)
def test_the_functions_role_may_what_its_settings_ask_for(given: dict[str, Any], actions: Any, resources: Any) -> None:
    found = made(**given)
    code = kind_of(found).function(found.params)
    assert code is not None
    (needed,) = setting_permissions(code)
    assert (needed.actions, needed.resources) == (actions, resources)
    plain = kind_of(made()).function(made().params)
    assert plain is not None
    assert setting_permissions(plain) == ()

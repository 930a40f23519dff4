"""`http`: what is sent, what is allowed, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.operations.harness import evaluated, kind_of, needs, operation, result_of, the_task

CONNECTION = "arn:aws:events:us-east-1:111122223333:connection/rates/0a1b2c3d"
GET = {"type": "http", "url": "https://api.example.com/v1/rates", "connection": CONNECTION}
LATER = {**GET, "url": "{% 'https://api.example.com/v1/' & $params.day %}"}


def test_a_request_goes_out_with_the_connections_credentials() -> None:
    state = the_task(
        {**LATER, "method": "POST", "headers": {"Accept": "text/csv"}, "query": {"n": 1}, "body": {"day": "{% $params.day %}"}}
    )
    assert state.resource == "arn:aws:states:::http:invoke"
    assert evaluated(state.arguments, params={"day": "d"}) == {
        "ApiEndpoint": "https://api.example.com/v1/d",
        "Method": "POST",
        "Authentication": {"ConnectionArn": CONNECTION},
        "Headers": {"Accept": "text/csv"},
        "QueryParameters": {"n": 1},
        "RequestBody": {"day": "d"},
    }
    answer = {"StatusCode": 201, "StatusText": "Created", "Headers": {"a": ["b"]}, "ResponseBody": {"id": 1}}
    assert result_of(state, answer, "http") == {"status": 201, "body": {"id": 1}, "headers": {"a": ["b"]}}


def test_a_form_is_encoded_by_aws() -> None:
    state = the_task({**GET, "method": "POST", "body": {"a": 1}, "encoding": "form"})
    assert state.arguments["Headers"] == {"Content-Type": "application/x-www-form-urlencoded"}
    assert state.arguments["Transform"] == {"RequestBodyEncoding": "URL_ENCODED"}


def test_only_this_address_may_be_called_with_this_connection() -> None:
    call, credentials, secret = needs(GET)
    assert call.actions == ("states:InvokeHTTPEndpoint",)
    assert call.resources == ("arn:aws:states:us-east-1:111122223333:stateMachine:shop--dev--sales",)
    assert call.condition == {
        "StringEquals": {"states:HTTPMethod": "GET", "states:HTTPEndpoint": "https://api.example.com/v1/rates"}
    }
    assert (credentials.actions, credentials.resources) == (("events:RetrieveConnectionCredentials",), (CONNECTION,))
    assert secret.resources == ("arn:aws:secretsmanager:us-east-1:111122223333:secret:events!connection/rates/*",)


def test_an_address_that_the_run_completes_is_allowed_from_its_beginning() -> None:
    (call, *_) = needs(LATER)
    assert call.condition == {
        "StringEquals": {"states:HTTPMethod": "GET"},
        "StringLike": {"states:HTTPEndpoint": "https://api.example.com/v1/*"},
    }


def test_credentials_in_a_header_and_a_timeout_that_cannot_act_are_findings() -> None:
    made = operation({**GET, "headers": {"Authorization": "Bearer x"}, "timeout": "5m"})
    assert [found.code for found in kind_of(made).findings(made.params, made)] == ["BS273", "BS232"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"url": "http://api.example.com/v1"}, "https://HOST/PATH"),
        ({"url": "https://api.example.com/v1?a=b"}, "under query"),
        ({"url": "https://user@api.example.com/"}, "https://HOST/PATH"),
        ({"url": "{% $params.url %}"}, "the host must be known"),
        ({"url": "{% 'https://api.example.com' & $params.rest %}"}, "the host must be known"),
        ({"url": "{% 'https://a.example/' & $params.x ? 'https://b.example/' : $params.x %}"}, "the host must be known"),
        ({"connection": "rates"}, "EventBridge connection"),
        ({"method": "GO"}, "method"),
        ({"headers": {"a b": "c"}}, "no name of a header"),
        ({"encoding": "form", "body": "a=b"}, "a body that is an object"),
    ],
)
def test_a_request_that_could_not_be_allowed_narrowly_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        operation({**GET, **given})

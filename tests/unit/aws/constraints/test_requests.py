"""What the models say of requests, and that every request of the tests is held against them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import Session

from bunsui.aws.constraints.requests import broken_rules, validation_message
from tests.strict_requests import BrokenRequest, lenient

CREATE = {"FunctionName": "a", "Role": "arn:aws:iam::111111111111:role/r", "Code": {"ZipFile": b"x"}}


def of_lambda(**parts: Any) -> list[str]:
    return list(broken_rules("lambda", "CreateFunction", {**CREATE, **parts}))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"Environment": {"Variables": {"a-b": "x"}}}, "Map keys must satisfy constraint: [Member must satisfy regular"),
        ({"Tags": {"a": "R&D"}}, "Map value must satisfy constraint: [Member must satisfy regular expression pattern"),
        ({"Tags": {"k" * 129: "x"}}, "Map keys must satisfy constraint: [Member must have length less than or equal to 128]"),
        ({"Runtime": "python9"}, "Member must satisfy enum value set"),
        ({"MemorySize": 64}, "Member must have value greater than or equal to 128"),
        ({"Timeout": 0}, "Member must have value greater than or equal to 1"),
        ({"Handler": "a b"}, "Member must satisfy regular expression pattern"),
        ({"Role": None}, "Value null at 'Role' failed to satisfy constraint: Member must not be null"),
        ({"Tags": {"部署": "営業 第1"}, "Environment": {"Variables": {"AB": "x"}}}, ""),
    ],
)
def test_each_rule_finds_its_case(parts: dict[str, Any], words: str) -> None:
    found = of_lambda(**parts)
    assert len(found) == bool(words)
    assert words in validation_message(found)


def test_what_is_sensitive_is_not_repeated() -> None:
    (found,) = of_lambda(Environment={"Variables": {"a-b": "secret"}})
    assert "secret" not in found


def test_as_many_as_a_list_or_a_map_takes() -> None:
    tags = [{"Key": f"k{number}", "Value": "x"} for number in range(51)]
    trust = {"RoleName": "r", "AssumeRolePolicyDocument": "{}"}
    assert len(list(broken_rules("iam", "CreateRole", {**trust, "Tags": tags}))) == 1
    assert not list(broken_rules("iam", "CreateRole", {**trust, "Tags": tags[:50]}))
    assert len(list(broken_rules("logs", "CreateLogGroup", {"logGroupName": "a", "tags": {}}))) == 1


def test_every_request_of_the_tests_is_checked() -> None:
    session = Session()
    session.set_credentials("x", "x")
    client = session.create_client("iam", region_name="us-east-1", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(BrokenRequest, match="iam CreateRole: Value 'a b' at 'RoleName'"):
        client.create_role(RoleName="a b", AssumeRolePolicyDocument="{}")
    with lenient(), pytest.raises(Exception, match="Could not connect"):
        client.create_role(RoleName="a b", AssumeRolePolicyDocument="{}")

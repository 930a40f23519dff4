from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from bunsui.document.interpolation import Filled, PlaceholderNames, fill
from bunsui.document.yaml.reader import read_document
from bunsui.errors import InvalidInput, NotFound
from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.model.values import Expression, Value
from bunsui.ports.cloud import LookUp

VARIABLES: Mapping[str, Json] = {"bucket": "acme", "subnets": ["a", "b"], "count": 3, "evil": "{% $error('x') %}${var.bucket}"}
ARN = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db/main-a1b2c3"
SCOPE = Scope(project="p", environment="prod", account="111111111111", region="eu-west-1")


class Parameters:
    """A parameter store of three names, which counts the questions."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def parameter(self, path: str) -> str | Sequence[str]:
        self.asked.append(path)
        if path == "/secret":
            raise InvalidInput("secure-string", "it is a SecureString", hint="Let the task read it.")
        if path == "/list":
            return ["x", "y"]
        if path == "/evil":
            return "{% $now() %}"
        if path != "/value":
            raise NotFound("no-parameter", "there is no such parameter")
        return "found"

    def look_up(self, kind: LookUp, name: str) -> Json:
        self.asked.append(f"{kind.value} {name}")
        known: Mapping[str, Json] = {"secret db/main": ARN, "cfn lake.Bucket": "lake", "tfstate infra.tfstate#ids": ["a", "b"]}
        if self.asked[-1] not in known:
            raise NotFound("nothing", "there is none", hint="Make it.")
        return known[self.asked[-1]]


def filled(text: str, parameters: Parameters | None = None) -> Filled:
    document = read_document("f.yaml", f"x: '{text}'\n".encode()).document
    assert document is not None
    return fill(document, PlaceholderNames(variables=VARIABLES, scope=SCOPE, parameters=parameters))


def value(text: str, parameters: Parameters | None = None) -> Value:
    result = filled(text, parameters)
    assert result.diagnostics == ()
    assert isinstance(result.value, Mapping)
    return result.value["x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${var.bucket}", "acme"),
        ("${var.subnets}", ["a", "b"]),
        ("${var.count}", 3),
        ("s3://${var.bucket}/${var.count}", "s3://acme/3"),
        ("${environment.name}-${environment.account}-${environment.region}", "prod-111111111111-eu-west-1"),
        ("$${var.bucket}", "${var.bucket}"),
        ("$$${var.bucket}", "$${var.bucket}"),
        ("a$${}b ${var.bucket}", "a${}b acme"),
        ("$5 {x}", "$5 {x}"),
    ],
)
def test_placeholders_are_filled_in_and_alone_keep_their_type(text: str, expected: Json) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("{% $params.x %}", "$params.x"),
        ("  {% $params.x %}", "$params.x"),
        ("a {% $x %} b", "\"a \" & ($x) & \" b\""),
        ("{% $x %}{% $y %}", "($x) & ($y)"),
        ("${var.bucket}/{% $x %}", "\"acme/\" & ($x)"),
        ("${var.count}{% $x %}", "\"3\" & ($x)"),
    ],
)  # fmt: skip
def test_text_around_an_expression_is_joined_to_it(text: str, expression: str) -> None:
    found = value(text)
    assert isinstance(found, Expression)
    assert found.text.replace("'", '"') == expression


@pytest.mark.parametrize("part", ['say "hi"', "back\\slash", "日本", "it''s", "$x & 1"])
def test_text_is_quoted_so_that_jsonata_gives_it_back(part: str) -> None:
    from jsonata import Jsonata  # type: ignore[import-untyped, unused-ignore]

    found = value(part + "{% 1 %}")
    assert isinstance(found, Expression)
    assert Jsonata(found.text).evaluate(None) == part.replace("''", "'") + "1"


def test_what_was_filled_in_is_never_evaluated() -> None:
    assert value("${var.evil}") == VARIABLES["evil"]
    assert value("${ssm:/evil}", Parameters()) == "{% $now() %}"
    assert filled("${var.evil}").expressions == ()


def test_the_process_environment_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME_SECRET", "tweet")
    (finding,) = filled("${HOME_SECRET}").diagnostics
    assert finding.code == "BS205"
    assert "tweet" not in str(filled("${HOME_SECRET}"))


def test_an_unknown_name_is_answered_with_what_was_meant() -> None:
    (finding,) = filled("${var.buckets}").diagnostics
    assert "${var.bucket}" in finding.hint
    assert "prod" in finding.summary


def test_parameters_are_asked_once_and_stay_text_offline() -> None:
    store = Parameters()
    assert value("${ssm:/value} ${ssm:/value}", store) == "found found"
    assert store.asked == ["/value"]
    assert value("${ssm:/list}", store) == ["x", "y"]
    assert value("${ssm:/value}") == "${ssm:/value}"


@pytest.mark.parametrize(("name", "said"), [("/secret", "SecureString"), ("/nowhere", "no such parameter")])
def test_a_parameter_that_cannot_be_used_is_a_finding(name: str, said: str) -> None:
    (finding,) = filled(f"${{ssm:{name}}}", Parameters()).diagnostics
    assert finding.code == "BS206"
    assert said in finding.summary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${secret:db/main}", ARN),
        ("s3://${cfn:lake.Bucket}/in", "s3://lake/in"),
        ("${tfstate:infra.tfstate#ids}", ["a", "b"]),
        ("${cfn:lake.Bucket} ${cfn:lake.Bucket}", "lake lake"),
    ],
)
def test_what_others_made_is_looked_up_once_and_stays_as_it_is_written_offline(text: str, expected: Json) -> None:
    store = Parameters()
    assert value(text, store) == expected
    assert len(store.asked) == 1
    assert value(text) == (text if "secret" not in text else ARN.removesuffix("-a1b2c3"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${secret:none}", "cannot be filled in: there is none"),
        ("${secret:}", "names no secret"),
        ("${secret:a b}", "names no secret"),
        ("${cfn:lake}", "names no output of a CloudFormation stack"),
        ("${cfn:lake.Bucket.Arn}", "names no output of a CloudFormation stack"),
        ("${tfstate:infra.tfstate}", "names no output of a Terraform state"),
        ("${tfstate:s3://lake#ids}", "cannot be filled in"),
    ],
)
def test_a_look_up_that_stands_for_nothing_is_told(text: str, words: str) -> None:
    (finding,) = filled(text, Parameters()).diagnostics
    assert finding.code == "BS562"
    assert words in finding.summary


def test_a_look_up_inside_an_expression_is_told() -> None:
    (finding,) = filled("{% ${cfn:lake.Bucket} %}", Parameters()).diagnostics
    assert finding.code == "BS314"

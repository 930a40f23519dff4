"""Texts in the small languages that files hold, each right, nearly right or wrong: paths, calls, expressions, times, addresses.

Grown from their grammars by chance, so that a parser is led through all its branches; `Names` says what a file declares, so
that a text may mean something in it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Lot = random.Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a file declares and may therefore be read in it."""

    jobs: Sequence[str] = ("extract",)
    operations: Sequence[str] = ("fetch",)
    parameters: Sequence[str] = ("date",)
    states: Sequence[str] = ("First",)
    others: Sequence[str] = ("file",)


def misspelt(word: str, lot: Lot) -> str:
    """Return the word with a letter too many, too few, or in the wrong place."""
    if len(word) < 2:
        return word + "x"
    at = lot.randrange(len(word) - 1)
    return lot.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word + word[-1],
            word[:at] + "_" + word[at:],
        )
    )


def _name(lot: Lot, names: Sequence[str]) -> str:
    name = lot.choice(names) if names else "x"
    return misspelt(name, lot) if lot.random() < 0.2 else name


# --- JSONPath and intrinsic functions


def json_path(lot: Lot, root: str = "") -> str:
    """Return a path as Step Functions reads it, or nearly."""
    begin = root or lot.choice(("$", "$", "$", "$$", "$x", "@", ""))
    return begin + "".join(lot.choice(_STEPS)(lot) for _ in range(lot.randint(0, 3)))


def _field(lot: Lot) -> str:
    return lot.choice(("a", "rows", "Execution", "日", "a-b", "x1"))


def _bracket(lot: Lot) -> str:
    inside = lot.choice(
        (
            "0",
            "-1",
            "0,1",
            "1:",
            ":2",
            "1:2",
            "1:5:2",
            ":",
            " * ",
            "*",
            "'a'",
            '"a"',
            "'a','b'",
            "'it\\'s'",
            "'a\\\\b'",
            "'open",
            "a",
            "",
        )
    )
    return f"[{inside}{lot.choice((']', ']', ']', ' ]', ''))}"


def _filter(lot: Lot) -> str:
    return f"[{lot.choice(('?', '?', '? '))}{lot.choice(('(', '(', '( ', ''))}{_condition(lot, 0)}{lot.choice((')', ')', ''))}]"


_STEPS: Sequence[Callable[[Lot], str]] = (
    lambda lot: f".{_field(lot)}",
    lambda lot: f".{_field(lot)}",
    lambda lot: f"..{_field(lot)}",
    lambda lot: lot.choice((".*", "..*", ".[0]", "..[0]", ".", "..", ".a b", " ")),
    _bracket,
    _bracket,
    _filter,
)


def _condition(lot: Lot, depth: int) -> str:
    chance = lot.random()
    if chance < 0.2 and depth < 3:
        return lot.choice((" && ", "||", " and ")).join(_condition(lot, depth + 1) for _ in range(2))
    if chance < 0.35 and depth < 3:
        return f"!{_condition(lot, depth + 1)}"
    if chance < 0.45 and depth < 3:
        return f"({_condition(lot, depth + 1)}{lot.choice((')', ')', ''))}"
    if chance < 0.6:
        return _operand(lot)
    sign = lot.choice(("==", "!=", "<", "<=", ">", ">=", "=~", " in ", " nin ", " IN ", " subsetof ", "=", " anyof ", " size "))
    return f"{_operand(lot)}{sign}{_operand(lot)}"


def _operand(lot: Lot) -> str:
    return lot.choice(
        (
            "@.a", "@.a.b", "@", "$.limit", "1", "-2.5", "1e3", "'x'", '"y"', "true", "false", "null", "[1, 2]", "[]",
            "['a','b'",
            "/a.*/", "/a/i", "/open", "x", "", "@..b", "@['c']", "[1, @.a]",
        )
    )  # fmt: skip


_FUNCTIONS = (
    "Array", "ArrayContains", "ArrayGetItem", "ArrayLength", "ArrayPartition", "ArrayRange", "ArrayUnique", "Base64Decode",
    "Base64Encode", "Format", "Hash", "JsonMerge", "JsonToString", "MathAdd", "MathRandom", "StringSplit", "StringToJson",
    "UUID",
    "Nothing",
)  # fmt: skip


def intrinsic(lot: Lot, depth: int = 0) -> str:
    """Return a call of an intrinsic function, or nearly."""
    given = [
        intrinsic(lot, depth + 1)
        if depth < 3 and lot.random() < 0.25
        else lot.choice(
            (
                "$.a",
                "$",
                "$$.Execution.Id",
                "$x.b",
                "'{}'",
                "'it\\'s {}'",
                "'\\{'",
                "1",
                "-1.5",
                "1e2",
                "true",
                "null",
                "$.[",
                "x",
                "",
            )
        )
        for _ in range(lot.randint(0, 3))
    ]
    joined = lot.choice((", ", ",", " , ", " ")).join(given)
    text = f"States.{lot.choice(_FUNCTIONS)}({joined}{lot.choice((')', ')', ')', ') x', ''))}"
    return lot.choice((text, text, text, text.replace("States.", "states."), "'" + text))


# --- JSONata


def code(lot: Lot, names: Names, depth: int = 0) -> str:
    """Return a JSONata expression without its brackets, or nearly one."""
    if depth < 3 and lot.random() < 0.55:
        return _grown_code(lot, lambda: code(lot, names, depth + 1))
    return lot.choice(_ATOMS)(lot, names)


_SIGNS = ("+", "-", "*", "/", "%", "&", "=", "!=", "<", ">=", "and", "or", "in", "~>", "?:", "??", "..")
_FOREIGN_SIGNS = (
    "==",
    "===",
    "!==",
    "<>",
    "&&",
    "||",
    "=>",
    "=<",
    "AND",
    "Or",
    "IN",
    "is",
    "is not",
    "not in",
    "if",
    "**",
    "++",
)
_CALLED = (
    "$count", "$sum", "$string", "$eval", "$now", "$random", "$partition", "$hash", "$parse", "$uuid", "$nothing", "$lookup",
    "$sort",
)  # fmt: skip


def _grown_code(lot: Lot, part: Callable[[], str]) -> str:
    return lot.choice(
        (
            lambda: f"{part()} {lot.choice(_SIGNS)} {part()}",
            lambda: f"{part()} {lot.choice(_FOREIGN_SIGNS)} {part()}",
            lambda: f"{lot.choice(('not ', '!', 'len', 'NOT ', 'not'))}({part()})",
            lambda: f"{part()} is {lot.choice(('', 'not '))}{lot.choice(('None', 'null', 'NULL', 'True'))}",
            lambda: (
                f"{lot.choice(('params', 'jobs', 'session', 'ops'))}.{part()} == {lot.choice(('None', 'True', 'nil', '1'))}"
            ),
            lambda: f"{part()} if {part()} else {part()}",
            lambda: f"({part()}; {part()})",
            lambda: f"{part()} ? {part()} : {part()}",
            lambda: f"{part()} ? {part()}",
            lambda: f"[{part()}, {part()}]",
            lambda: f"[1..{part()}]",
            lambda: f'{{"k": {part()}, {part()}: 1}}',
            lambda: f"{part()}{{a: {part()}}}",
            lambda: f"{part()}[{part()}]",
            lambda: f"{part()}.{part()}",
            lambda: f"{part()}^(>{part()}, {part()})",
            lambda: f"{part()}@$e.{part()}",
            lambda: f"{part()}#$i.{part()}",
            lambda: f"({lot.choice(('$v', '$states', '$jobs', '$1'))} := {part()}; $v)",
            lambda: f"function($a, $b){{ {part()} }}",
            lambda: f"(function($a){{ $a + {part()} }})({part()})",
            lambda: f"({part()}) ~> |{part()}|{{'x': {part()}}}, ['y']|",
            lambda: f"{part()} ~> |a|{{}}|",
            lambda: f"$map({part()}, function($v, $i){{ {part()} }})",
            lambda: f"{lot.choice(_CALLED)}({part()})",
            lambda: f"-{part()}",
            lambda: f"({part()}",
            lambda: f"$.{part()}",
            lambda: f"/* {part()} */ {part()}",
            lambda: f"$substring(?, {part()})",
        )
    )()


_ATOMS: Sequence[Callable[[Lot, Names], str]] = (
    lambda lot, names: f"$jobs.{_name(lot, names.jobs)}.{lot.choice(('files', 'rows', 'rate', 'x'))}",
    lambda lot, names: f"$jobs.{_name(lot, names.jobs)}",
    lambda lot, names: f"$jobs.`{_name(lot, names.jobs)}`.files",
    lambda lot, names: lot.choice(("$jobs", "$ops", "$params", "$session", "$result", "$error", "$status", "$$", "$", "$x")),
    lambda lot, names: f"$ops.{_name(lot, names.operations)}.x",
    lambda lot, names: f"$params.{_name(lot, names.parameters)}",
    lambda lot, names: f"$session.{_name(lot, ('id', 'date', 'slot', 'attempt', 'started_by', 'scheduled_at'))}",
    lambda lot, names: f"$result.{lot.choice(('x', 'status', 'a.b'))}",
    lambda lot, names: f"${_name(lot, names.others)}.x",
    lambda lot, names: f"$states.{_name(lot, ('input', 'result', 'errorOutput', 'context.Execution.Id', 'input.a'))}",
    lambda lot, names: lot.choice(
        (
            "1", "1.5", "1e400", "'a'", '"a"', "true", "null", "a", "a.b", "*", "**", "%.a", "`a b`", "/a+/i", "/(/", "'\\u00'",
            "'open", "", "$now()", "$$.a", "$lookup", "日", "$string", "$count", "1 2", ")", "}", "a.`b`", "$sum()",
        )
    ),
)  # fmt: skip


def expression(lot: Lot, names: Names) -> str:
    """Return a text with an expression in it, which may be opened or closed wrongly."""
    inside = code(lot, names)
    if lot.random() < 0.04:
        inside = "(" * 200 + inside + ")" * 200
    forms = (
        "{{% {} %}}",
        "{{% {} %}}",
        "{{% {} %}}",
        "{{% {} %}}",
        "on {{% {} %}}!",
        "{{% {}",
        "{} %}}",
        "{{%{}%}}",
        "{{% {} %}} x {{% 1 %}}",
        " {{% {} %}}",
        "{{%%}}",
        "s3://lake/{{% {} %}}",
        "{{% {} ${{var.x}} %}}",
    )
    return lot.choice(forms).format(inside)


# --- What stands for something else, times, addresses


def placeholder(lot: Lot, names: Names) -> str:
    """Return `${…}` in one of its forms."""
    return lot.choice(
        (
            "${var.bucket}", "${var.nothing}", "${var.list}", "${environment.name}", "${environment.region}",
            "${environment.acount}",
            "${environment.account}", "${ssm:/a/b}", "${ssm:/absent}", "${ssm:a b}", "${ssm:}", "${vars.bucket}", "${bucket}",
            "${env.region}", "${x", "$${x}", "a${var.bucket}b${environment.name}", "${}", "${ var.bucket }", "${var.memory}",
            "${environment.region.x}",
            "${function}", "${variables.bucket}", "${enviroment.name}", "${params.date}", "{{ var.bucket }}",
        )
    )  # fmt: skip


TIMES = (
    "0 3 * * ? *", "0 25 * * ? *", "0 3 * * *", "0 3 L * ? *", "0 3 15W * ? *", "0 3 ? * 2#1 *", "0 3 ? * 6L *", "0 3 * * * *",
    "0/15 8-17 ? * MON-FRI 2026-2030", "cron(0 3 * * ? *)", "rate(1 hour)", "1 hour", "0 hours", "1 hours", "15 minutes",
    "1 fortnight", "0 3 1,15 JAN ? *", "0 3 1-32 * ? *", "*/0 * * * ? *", "0 3 ? * 2#9 *", "0 3 99W * ? *", "0 3", "5 4 * * 1",
    "5 4 1 * *", "5 4 * * 7", "0 3 ? * 9L *", "0 3 ? * x#1 *", "@daily", "0 3 * * ? * *", "0 3-1 * * ? *", "1/2/3 * * * ? *",
    "2026-01-31T03:00:00", "2026-02-30T00:00:00", "2026-01-31", "2026-01-31T03:00:00Z", "2026-03-14T01:59:00+09:00",
    "9999-13-01T00:00:00Z", "2026-03-14T01:59:00.5Z", "12-25", "02-30", "2026-12-25", "2020-01-01", "at(2026-01-31T03:00:00)",
    "Asia/Tokyo", "Asia/Tokio", "UTC", "JST", "Mars", "",
)  # fmt: skip
DURATIONS = (
    "5m", "90s", "1h30m", "0s", "-1d", "1h1h", "30", "5 m", "60w", "999999999w", "1m1h", "5min", "1.5h", "20m", "2d", "1y",
    "PT5M",
    "< 10m", ">= 1h", "= 5s", "５ｍ", "",
)  # fmt: skip
ADDRESSES = (
    "arn:aws:lambda:us-east-1:111122223333:function:f:live", "arn:aws:lambda:us-east-1:111122223333:function:f", "f:1", "f",
    "f:",
    "arn:aws:states:::lambda:invoke", "arn:aws:states:::lambda:invoke.waitForTaskToken", "arn:aws:states:::ecs:runTask.sync",
    "arn:aws:states:::aws-sdk:s3:getObject", "arn:aws:states:::aws-sdk:S3:GetObject",
    "arn:aws:states:::aws-sdk:s3:getObject.sync",
    "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "arn:aws:states:::sqs:sendMessage.sync",
    "arn:aws:states:::sqs:receive",
    "arn:aws:states:::nothing:run", "arn:aws:states:::http:invoke", "arn:aws:states:::states:startExecution.sync:2",
    "arn:aws:states:us-east-1:111122223333:activity:a", "arn:aws:states:::s3:listObjectsV2", "arn:aws:states:::s3:putObject",
    "arn:aws:states:::lambda:invoke.sync:3", "arn:aws:states:::lambda", "arn:aws:states", "arn:aws-cn:states:::sns:publish",
    "arn:aws:states:us-east-1:111122223333:stateMachine:rates", "arn:aws:iam::111122223333:role/x", "arn:aws:iam::1:role/",
    "arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sqs:us-east-1:111122223333:q.fifo",
    "https://sqs.us-east-1.amazonaws.com/1/q",
    "s3://lake/a.csv", "s3://lake/", "s3://", "s3://{% $params.date %}/a", "s3://lake/{% $params.date %}.json", "lake/a.csv",
    "glue:startJobRun", "glue:StartJobRun", "glue:nothing", "nothing:run", "s3:*", "s3:Get*", "dynamodb:getItem",
    "batch:submitJob",
    "functions/fetch", "functions/empty", "functions/none", "../outside", "/etc", "functions/fetch/app.py", "functions\x1b",
    ".",
    "functions/fetch/requirements.txt", "requirements.txt", "unpinned.txt", "defs/machine.asl.json", "defs/none.json",
    "../x.json",
)  # fmt: skip
REQUIREMENTS = (
    "requests==2.31.0 --hash=sha256:00", "requests", "requests==2.31.0", "-r other.txt", "--require-hashes", "# only a comment",
    "git+https://example.com/x.git", "x @ https://example.com/x.whl", "./x", "a==1 \\\n  --hash=sha256:00",
    "--only-binary :all:",
    "a==1 ; python_version > '3' --hash=sha256:00", "é==1", "",
)  # fmt: skip
ERRORS = (
    "States.ALL",
    "States.TaskFailed",
    "States.Timeout",
    "throttling",
    "infrastructure",
    "timeout",
    "MyError",
    "",
    "States.X",
    "all",
)


def text(lot: Lot, names: Names) -> str:
    """Return a text of any of these languages."""
    return lot.choice(_TEXTS)(lot, names)


_TEXTS: Sequence[Callable[[Lot, Names], str]] = (
    expression,
    expression,
    expression,
    placeholder,
    lambda lot, names: json_path(lot),
    lambda lot, names: intrinsic(lot),
    lambda lot, names: lot.choice(TIMES),
    lambda lot, names: lot.choice(DURATIONS),
    lambda lot, names: lot.choice(ADDRESSES),
    lambda lot, names: lot.choice(ERRORS),
    lambda lot, names: _name(lot, (*names.jobs, *names.operations, *names.parameters, *names.states, *names.others)),
    lambda lot, names: lot.choice(
        ("a--b", "a-", "Ａ", "x" * 70, "x" * 90, " ", "a b", "1", "-", "日次", "a\u200bb", "\x7f", "true", "2%", "101%")
    ),
)

MEANT: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("cron", "rate", "at", "timezone", "from", "to", "until", "Timestamp"), TIMES),
    **dict.fromkeys(
        (
            "timeout",
            "every",
            "delay",
            "max_delay",
            "heartbeat",
            "for",
            "retire_for",
            "retention",
            "offset",
            "after",
            "duration",
        ),
        DURATIONS,
    ),
    **dict.fromkeys(
        ("path", "requirements", "definition", "s3", "function", "action", "resources", "roles", "Resource", "RoleArn"),
        ADDRESSES,
    ),
    **dict.fromkeys(("errors", "ErrorEquals", "error"), ERRORS),
}
"""Key -> texts that are nearly right under it."""

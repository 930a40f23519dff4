"""What readers of logs promise, the one in memory and those of AWS over the emulators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.aws.container_logs import EcsContainerLogs
from bunsui.aws.logs import CloudWatchLogReader
from bunsui.errors import CloudError
from bunsui.ports.monitoring import ContainerLog, ContainerLogs, LogLine, LogReader
from bunsui.testkit.logs import MemoryContainerLogs, MemoryLogReader
from tests.contracts.conftest import CLOUDS, opened

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, kw_only=True)
class Logs:
    """A reader, and how its log groups and task definitions are filled."""

    reader: LogReader
    group: str
    write: Callable[[str, Sequence[tuple[datetime, str]]], None]
    """(stream, lines) into the group."""
    containers: ContainerLogs
    definition: str
    """The ARN of a definition whose container `one` logs to `/ecs/etl` under `jobs`, `two` to Splunk, `three` nowhere."""


@pytest.fixture(params=("memory", *CLOUDS))
def logs(request: pytest.FixtureRequest) -> Iterator[Logs]:
    """Each reader in turn."""
    if request.param == "memory":
        memory = MemoryLogReader()
        definitions = {
            "arn:d": [
                ContainerLog(container="one", group="/ecs/etl", stream_prefix="jobs"),
                ContainerLog(container="two", group="", stream_prefix=""),
                ContainerLog(container="three", group="", stream_prefix=""),
            ]
        }

        def write(stream: str, lines: Sequence[tuple[datetime, str]]) -> None:
            memory.write("/aws/lambda/f", *(LogLine(at=at, message=text, stream=stream) for at, text in lines))

        yield Logs(
            reader=memory, group="/aws/lambda/f", write=write, containers=MemoryContainerLogs(definitions), definition="arn:d"
        )
        return
    with opened(request.param, request) as cloud:
        client = cloud.connection.writer("logs")
        group = f"/aws/lambda/{cloud.scope.project}"
        client.create_log_group(logGroupName=group)
        streams: set[str] = set()

        def put(stream: str, lines: Sequence[tuple[datetime, str]]) -> None:
            if stream not in streams:
                client.create_log_stream(logGroupName=group, logStreamName=stream)
                streams.add(stream)
            events = [{"timestamp": int(at.timestamp() * 1000), "message": text} for at, text in lines]
            client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

        made = cloud.connection.writer("ecs").register_task_definition(family="etl", containerDefinitions=_CONTAINERS)
        yield Logs(
            reader=CloudWatchLogReader(cloud.connection),
            group=group,
            write=put,
            containers=EcsContainerLogs(cloud.connection),
            definition=made["taskDefinition"]["taskDefinitionArn"],
        )


_AWSLOGS = {"awslogs-group": "/ecs/etl", "awslogs-stream-prefix": "jobs", "awslogs-region": "eu-west-1"}
_CONTAINERS = [
    {"name": "one", "image": "x", "memory": 64, "logConfiguration": {"logDriver": "awslogs", "options": _AWSLOGS}},
    {"name": "two", "image": "x", "memory": 64, "logConfiguration": {"logDriver": "splunk", "options": {}}},
    {"name": "three", "image": "x", "memory": 64},
]


def _lines(count: int) -> list[tuple[datetime, str]]:
    return [(NOW - timedelta(seconds=count - number), f"line {number} of [{count}]\n") for number in range(count)]


def test_lines_with_one_of_the_texts_come_from_all_streams_in_the_order_of_time(logs: Logs) -> None:
    logs.write("a", _lines(3))
    logs.write("b", [(NOW - timedelta(seconds=2), 'say "hi"')])
    found = logs.reader.containing(logs.group, ["line 0 of [3]", 'say "hi"', "line 2"], start=NOW - timedelta(minutes=1))
    told = [(line.stream, line.message.rstrip("\n")) for line in found]
    assert told == [("a", "line 0 of [3]"), ("b", 'say "hi"'), ("a", "line 2 of [3]")]
    assert found[0].at == NOW - timedelta(seconds=3)


def test_more_texts_than_one_pattern_holds_find_each_line_once(logs: Logs) -> None:
    logs.write("a", _lines(60))
    texts = [f"line {number} of [60]" for number in range(60)] + ["of [60]"]
    found = logs.reader.containing(logs.group, texts, start=NOW - timedelta(minutes=2))
    assert [line.message.rstrip("\n") for line in found] == texts[:-1]


def test_both_ends_of_a_window_are_in_it(logs: Logs) -> None:
    logs.write("a", _lines(5))
    start, end = NOW - timedelta(seconds=4), NOW - timedelta(seconds=2)
    wanted = ["line 1 of [5]", "line 2 of [5]", "line 3 of [5]"]
    found = logs.reader.containing(logs.group, ["line"], start=start, end=end)
    assert [line.message.rstrip("\n") for line in found] == wanted
    pages = list(logs.reader.backwards(logs.group, "a", start=start, end=end))
    assert [line.message.rstrip("\n") for page in reversed(pages) for line in page] == wanted


def test_a_stream_is_read_from_its_end_page_by_page(logs: Logs) -> None:
    logs.write("a", _lines(25))
    logs.write("b", _lines(3))
    pages = [list(page) for page in logs.reader.backwards(logs.group, "a", start=NOW - timedelta(minutes=1), page=10)]
    assert [line.message.rstrip("\n") for line in pages[0]] == [f"line {number} of [25]" for number in range(15, 25)]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert {line.stream for page in pages for line in page} == {"a"}


def test_equal_lines_stay(logs: Logs) -> None:
    logs.write("a", [(NOW, "again")] * 3)
    assert len(logs.reader.containing(logs.group, ["again"], start=NOW - timedelta(seconds=1))) == 3
    assert [len(page) for page in logs.reader.backwards(logs.group, "a", start=NOW - timedelta(seconds=1))] == [3]


def test_what_does_not_exist_has_no_lines(logs: Logs) -> None:
    logs.write("a", _lines(1))
    assert logs.reader.containing("/aws/lambda/none", ["x"], start=NOW) == []
    assert list(logs.reader.backwards("/aws/lambda/none", "a", start=NOW)) == []
    assert list(logs.reader.backwards(logs.group, "none", start=NOW)) == []


def test_a_task_definition_says_where_its_containers_log(logs: Logs) -> None:
    assert list(logs.containers.of_definition(logs.definition)) == [
        ContainerLog(container="one", group="/ecs/etl", stream_prefix="jobs"),
        ContainerLog(container="two", group="", stream_prefix=""),
        ContainerLog(container="three", group="", stream_prefix=""),
    ]


def test_a_task_definition_that_is_not_there_is_an_error_of_the_cloud(logs: Logs) -> None:
    with pytest.raises(CloudError):
        logs.containers.of_definition("gone:7")

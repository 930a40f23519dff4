"""Items of distributed Maps, read from real bytes in the embedded S3."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded import EmbeddedAccount
from tests.executing import Run, execute
from tests.item_objects import KEY, ItemObjects, objects_in

pytestmark = [pytest.mark.embedded]


def machine(bucket: str, folder: str, config: Any) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "item",
        "States": {"item": {"Type": "Pass", "End": True}},
    }
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config,
        "Arguments": {"Bucket": bucket, "Key": f"{folder}{KEY}"},
    }
    state = {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "End": True}
    return {"QueryLanguage": "JSONata", "StartAt": "each", "States": {"each": state}}


def test_objects_of_every_kind_give_their_items_or_fail_the_reader(embedded_account: EmbeddedAccount) -> None:
    bucket = f"items-{embedded_account.account}"
    client = embedded_account.client("s3")
    client.create_bucket(Bucket=bucket)
    runs, cases = list[Run](), dict[str, ItemObjects]()
    for number, (_, found) in enumerate(objects_in(bucket).items()):
        name = f"m{number}"
        cases[name] = found
        client.put_object(Bucket=bucket, Key=f"{name}/{KEY}", Body=found.body)
        runs.append(Run(name=name, definition=machine(bucket, f"{name}/", found.config)))
        for key, body in found.more.items():
            client.put_object(Bucket=bucket, Key=key, Body=body)
        if found.more:  # they stand under the names that their manifest says, one case after the other
            ended = execute(embedded_account, [runs.pop()])[name]
            assert (ended.status, ended.error, ended.output) == expected(found), (number, ended.cause)
    for name, ended in execute(embedded_account, runs).items():
        assert (ended.status, ended.error, ended.output) == expected(cases[name]), (name, ended.cause)


def expected(found: ItemObjects) -> tuple[str, str, Any]:
    if found.items is None:
        return "FAILED", "States.ItemReaderFailed", None
    return "SUCCEEDED", "", found.items

"""Removing by the words of AWS's command line, so that what is shown is what is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.errors import InvalidInput, Missing


def remove_by_words(connection: Connection, words: Sequence[str]) -> None:
    """Make the call of a command line (`service`, `call-in-kebab-case`, `--parameter`, value …); a call that finds nothing to
    remove has succeeded.

    Raises:
        InvalidInput: `not-removable`, for what no single call removes.

    """
    if not words:
        raise InvalidInput("not-removable", "no single call of AWS removes it", hint="Remove it by hand.")
    service, call, *rest = words
    client = connection.writer(service)
    method = call.replace("-", "_")
    operation = client.meta.method_to_api_mapping[method]
    shape = client.meta.service_model.operation_model(operation).input_shape
    members = {name.replace("-", "").lower(): name for name in shape.members}
    arguments: dict[str, Any] = {
        members[flag.removeprefix("--").replace("-", "").lower()]: value
        for flag, value in zip(rest[::2], rest[1::2], strict=True)
    }
    try:
        with connection.translated(service, operation, what=" ".join(words)):
            getattr(client, method)(**arguments)
    except Missing:
        return

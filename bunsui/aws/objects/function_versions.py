"""Versions of functions: published, also where the one in use was deleted.

Lambda API reference, "PublishVersion": it publishes nothing where code and configuration are as they were in the last version.
What it does when that one was deleted is said nowhere, so a number that leads nowhere is taken for "nothing has changed".
"""

from __future__ import annotations

from collections.abc import Callable

from bunsui.aws.connect import Connection
from bunsui.errors import Missing

_AGAIN = " (published again)"
_LONGEST = 256 - len(_AGAIN)
"""Of a description, which may have 256 characters."""


def publish_version(
    connection: Connection, name: str, *, sha: str, description: str, released: str, settle: Callable[[], None]
) -> str:
    """Publish what the function is; return the version's number. `released` is the number that was given before: when it comes
    again and is not there, the function is touched first. `settle` waits until the function can be published."""
    version = _publish(connection, name, sha, description)
    if version != released or is_there(connection, name, version):
        return version
    with connection.translated("lambda", "UpdateFunctionConfiguration", function=name):
        connection.writer("lambda").update_function_configuration(
            FunctionName=name, Description=f"{description[:_LONGEST]}{_AGAIN}"
        )
    settle()
    return _publish(connection, name, sha, description)


def is_there(connection: Connection, function: str, version: str) -> bool:
    """Tell whether the function, by its name or ARN, has that version."""
    try:
        with connection.translated("lambda", "GetFunction", function=f"{function}:{version}"):
            connection.reader("lambda").get_function(FunctionName=function, Qualifier=version)
    except Missing:
        return False
    return True


def _publish(connection: Connection, name: str, sha: str, description: str) -> str:
    with connection.translated("lambda", "PublishVersion", function=name):
        answer = connection.writer("lambda").publish_version(FunctionName=name, CodeSha256=sha, Description=description)
        return str(answer["Version"])

"""Who raised an error: the author's code, the runtime around it, the service, Step Functions, or whoever called.

Sources: developer guide of Step Functions, "Handling errors", "Invoke Lambda"; Lambda's, "Understanding retry behavior",
"Python exceptions"; recordings of AWS. A name alone does not tell: Node's errors and task tokens bring any name, an exception
of Python may be a `TimeoutError` of the author's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.model.json import Json
from bunsui.sessions.snapshot import Raiser
from bunsui.sessions.tracebacks import payload_of

_RUNTIME = re.compile(r"^(?:Runtime|Sandbox|Extension|Function|Lambda)\.[A-Za-z]+$")
LOADING = frozenset(
    ("Runtime.ImportModuleError", "Runtime.HandlerNotFound", "Runtime.UserCodeSyntaxError", "Runtime.MarshalError")
)
"""Errors of the runtime that come with the stack of the code that it could not load, or whose answer it could not send."""
_RUNTIMES_WORDS = re.compile(r"Task timed out after|Process exited before|Runtime exited|Runtime failed")
_SERVICES = re.compile(r"^[A-Za-z0-9]+\.[A-Za-z0-9]+Exception$")
"""How Step Functions names errors of services, for histories that do not tell what was called."""
REFUSED = re.compile(r"\(Service: [^;,)]+[;,]\s*Status Code: (?P<status>[0-9]+)(?:[;,]\s*Error Code: (?P<code>[\w.]+))?")
"""In the cause of a call that a service refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An error as the history has it."""

    error: str
    cause: str
    event: str = ""
    """The type of the event that tells it; empty when no event does."""
    service: str = ""
    """As the Task's resource names it, such as `lambda`, `ecs` or `aws-sdk:s3`; empty for states that call nothing."""
    action: str = ""
    """Such as `invoke` or `runTask.sync`."""
    state_type: str = ""

    @property
    def payload(self) -> Mapping[str, Json]:
        """The cause as an object; empty when it is plain text."""
        return payload_of(self.cause)

    @property
    def is_function(self) -> bool:
        """True for an error that an invocation of a function answered with."""
        told = self.payload
        is_called = self.service in ("lambda", "aws-sdk:lambda", "")
        return is_called and ("errorType" in told or "errorMessage" in told)


def raiser_of(raised: Raised) -> Raiser:
    """Return who raised the error."""
    if raised.event == "ExecutionAborted":
        return Raiser.CALLER
    if raised.event.endswith("TimedOut") or raised.event in ("EvaluationFailed", "MapRunFailed"):
        return Raiser.STEP_FUNCTIONS
    if raised.state_type == "Fail" or raised.event.startswith("Activity"):
        return Raiser.CODE
    if raised.is_function:
        return _around_function(raised.error, raised.payload)
    if raised.error == "Lambda.Unknown":
        return Raiser.RUNTIME
    if REFUSED.search(raised.cause) or raised.error.startswith("Lambda."):
        return Raiser.SERVICE
    if raised.error.startswith("States.") and raised.error != "States.TaskFailed":
        return Raiser.STEP_FUNCTIONS
    if raised.action.endswith(".waitForTaskToken"):
        return Raiser.CODE
    is_services = raised.service or raised.error == "States.TaskFailed" or _SERVICES.match(raised.error)
    return Raiser.SERVICE if is_services else Raiser.CODE


def _around_function(error: str, payload: Mapping[str, Json]) -> Raiser:
    """Tell an exception of the function from what Lambda says of it: only its own come with a stack."""
    if payload.get("stackTrace") or payload.get("trace"):
        return Raiser.RUNTIME if error in LOADING and payload.get("errorType") == error else Raiser.CODE
    named, message = payload.get("errorType"), str(payload.get("errorMessage", ""))
    if isinstance(named, str) and named:
        return Raiser.RUNTIME if _RUNTIME.match(named) else Raiser.CODE
    return Raiser.RUNTIME if _RUNTIMES_WORDS.search(message) else Raiser.CODE

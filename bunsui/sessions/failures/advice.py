"""What to do about a failure, in a sentence or two."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bunsui.model.failures import ErrorClass
from bunsui.sessions.failures.classes import FailureVerdict
from bunsui.sessions.failures.names import is_not_ready
from bunsui.sessions.failures.origins import LOADING
from bunsui.sessions.snapshot import Raiser

HINTS: Mapping[ErrorClass, str] = {
    # `{again}` stands for how to go on: a raw machine starts over.
    ErrorClass.THROTTLING: "The service asked to slow down: retry with a delay, or lower max_concurrency.",
    ErrorClass.TIMEOUT: "The work took longer than its timeout: look at its log, then raise the timeout or split the work.",
    ErrorClass.PERMISSION: "The role may not do this: `bunsui render PIPELINE --iam` prints what it is allowed.",
    ErrorClass.PAYLOAD: "Step Functions carries at most 256 KiB between states: write the data to S3 and return its address.",
    ErrorClass.DATA: "The data was not what the pipeline expects: look at the job's input and at the expression named above.",
    ErrorClass.CODE: "Fix the code, run `bunsui apply`, then {again}.",
    ErrorClass.INFRASTRUCTURE: "The service failed, not the pipeline: {again}.",
    ErrorClass.CANCELLED: "Somebody stopped it; to go on, {again}.",
    ErrorClass.CONFIGURATION: "Something that the pipeline names is not there in this account and region, or is not set "
    "up as "
    "it must be: make it, or correct the name; resuming alone cannot help.",
    ErrorClass.MEMORY: "The memory did not suffice: raise it, or let the work hold less at once; run `bunsui apply`, then "
    "{again}.",
    ErrorClass.QUOTA: "A quota of the account or of the service is used up: ask for more (Service Quotas), or need less at "
    "once; then {again}.",
}

OWN_HINTS: Mapping[str, str] = {
    "Bunsui.PollTimedOut": "What was waited for did not come: see the last answer above, and whoever gives it; then raise "
    "`poll.timeout`, or {again}.",
    "Bunsui.PollFailed": "The service said that it failed (`fail_if`): see its answer above and its own log; then {again}.",
    "Bunsui.TooManyItems": "Raise the job's `max_items` where so many are right, and run `bunsui apply`; then {again}.",
    "Bunsui.ItemsFailed": "The items named above failed: see their errors in the job's log; then {again}.",
    "States.ExceedToleratedFailureThreshold": "More items failed than `tolerate` allows: see the failed executions of "
    "the map "
    "run; then {again}.",
    "States.HeartbeatTimeout": "Whoever holds the task token did not report within `heartbeat`: see there; then {again}.",
    "States.ItemReaderFailed": "The object that holds the items could not be read: is it there, and in the `format` that the "
    "foreach says? Then {again}.",
}
"""By the names of errors that bunsui's own states raise, or that no operation raises."""

_IN_FUNCTION: Mapping[ErrorClass, str] = {
    ErrorClass.PERMISSION: "The function's own role may not do this: allow it in `code.permissions` (or in the role of a "
    "function made elsewhere), run `bunsui apply`, then {again}.",
    ErrorClass.CONFIGURATION: "What the function asks for is not there in this account and region, or out of reach of its "
    "network: make it, correct the name that the function is given, or give its subnets a way (endpoint, NAT).",
    ErrorClass.TIMEOUT: "A service did not answer the function in time: let its client wait longer or ask for less; "
    "then {again}.",
    ErrorClass.PAYLOAD: "The function sent more than the service takes at once: send less, or put it into S3 and send "
    "its address.",
    ErrorClass.INFRASTRUCTURE: "The service failed that the function called, not the function: {again}.",
    ErrorClass.DATA: "The function found something else than it needs where it looked: see the call named above, and what it "
    "was given.",
    ErrorClass.THROTTLING: "A service asked the function to slow down: let it try again later, or lower max_concurrency.",
    ErrorClass.MEMORY: "The function ran out of memory: raise `memory`, or let it hold less at once; run `bunsui "
    "apply`, then "
    "{again}.",
    ErrorClass.QUOTA: "A limit was reached where the function worked (a quota, or its disk: see the message above): "
    "need less at "
    "once, or have it raised.",
}
_OF_RUNTIME: Mapping[ErrorClass, str] = {
    ErrorClass.TIMEOUT: "The function reached its own timeout: raise `code.timeout`, at most 15m.",
    ErrorClass.CONFIGURATION: "The function cannot be started as it is set up: see the message above (entry point, "
    "working folder, "
    "layers, the processor that the image is for).",
    ErrorClass.CODE: "The process ended by itself, without an exception: see its last lines (a crash of native code, an "
    "exit). Fix "
    "it, run `bunsui apply`, then {again}.",
}
_OF_SERVICE: Mapping[ErrorClass, str] = {
    ErrorClass.PAYLOAD: "The request is larger than the service takes: send less, or put the data into S3 and send its "
    "address.",
    ErrorClass.TIMEOUT: "The service did not come to its end in time: ask for less at once, or let it take longer; then "
    "{again}.",
}
_NOT_READY = "What was called was not ready yet, or something else was at work on it: {again} in a moment."
_LAMBDA_MAY_NOT = (
    "Lambda may not do what the message above says (assume the function's role, read its image, use its key): allow it "
    "there, "
    "then {again}."
)
_OF_CONTAINERS: Mapping[ErrorClass, str] = {
    ErrorClass.MEMORY: "The container was killed, as a rule for want of memory: raise its memory (`container.memory`, or in "
    "the task definition), or let it hold less at once; then {again}.",
    ErrorClass.CODE: "The program in the container ended with this exit code: see its last lines. Fix it, then {again}.",
    ErrorClass.CONFIGURATION: "The task could not be started: see the reason above (image, secrets, network), and "
    "correct the "
    "task definition or what it names.",
    ErrorClass.PERMISSION: "The task could not be started: its execution role may not do what the reason above says.",
    ErrorClass.INFRASTRUCTURE: "The host went away, or there was none for it; it was not the program: {again}.",
    ErrorClass.QUOTA: "The task could not be started: a limit was reached where the reason above says (addresses of the "
    "subnet, "
    "disk, a quota); need less at once, or have it raised.",
}
_OF_JOBS: Mapping[ErrorClass, str] = {
    ErrorClass.PERMISSION: "The role with which the job runs may not do what the message above says: allow it there, then "
    "{again}.",
    ErrorClass.CONFIGURATION: "What the message above names is not there: make it, or correct the name. Resuming alone "
    "cannot "
    "help.",
    ErrorClass.MEMORY: "The job ran out of memory: give it larger workers or more of them, then {again}.",
    ErrorClass.TIMEOUT: "The job reached the time that the service gives it: raise it there, or let the job take less; "
    "then {again}.",
    ErrorClass.INFRASTRUCTURE: "The service failed, or had no room for the job; it was not the pipeline: {again}.",
    ErrorClass.QUOTA: "A limit was reached where the message above says: need less at once, or have it raised; then {again}.",
}
PIPELINE_TIMEOUT = (
    "The pipeline's own `timeout` passed, not that of a job: raise `timeout:` at the head of the file, or let the jobs take "
    "less time; run `bunsui apply`, then {again}."
)
_ANYTHING = re.compile(r"^(?:(?P<name>\w+)\.(?P=name)Exception|\w+\.(?:AWS|Amazon)\w+Exception)$")
"""What Step Functions calls an error of a service for which there is no name; a hint by it says what it is as a rule."""
_SAID_BY_THE_CAUSE = (
    ErrorClass.THROTTLING,
    ErrorClass.INFRASTRUCTURE,
    ErrorClass.QUOTA,
    ErrorClass.CONFIGURATION,
    ErrorClass.PAYLOAD,
)
_REFUSED = "The service refused what it was asked: see the message above, and the operation's arguments."
_GIVEN_UP = "Whoever held the task token said that the work failed: see there; then {again}."
_OWN_FAILURE = "The pipeline itself decided to fail; the cause is its message. Once that is settled, {again}."


def advice_of(
    verdict: FailureVerdict, hints: Mapping[str, str], *, error: str, again: str, is_pipeline_timeout: bool = False
) -> str:
    """Return what to do.

    `hints` are those of the failing operation's type, by error name; `error` is the name as Step Functions has it, `again` says
    how to go on.
    """
    if is_pipeline_timeout:
        return PIPELINE_TIMEOUT.format(again=again)
    return (_special(verdict) or _by_name(verdict, hints, error) or HINTS[verdict.error_class]).format(again=again)


def _special(verdict: FailureVerdict) -> str:
    """Return what is known better than by any name: it happened in a function, or a job's description says it."""
    kind = verdict.error_class
    if verdict.error in OWN_HINTS:
        return ""
    if verdict.report is not None:
        told = (_OF_CONTAINERS if verdict.report.is_container else _OF_JOBS).get(kind, "")
        if verdict.error != "States.TaskFailed" and kind in _SAID_BY_THE_CAUSE:
            return "" if kind is ErrorClass.QUOTA else told
        # The name `States.TaskFailed` says only that it failed; only what the author's program does is told better elsewhere.
        return told or ("" if kind in (ErrorClass.CODE, ErrorClass.DATA) else HINTS[kind])
    if verdict.raiser is Raiser.CODE and verdict.raised.is_function:
        return _IN_FUNCTION.get(kind, "")
    if verdict.raiser is Raiser.RUNTIME and kind in (ErrorClass.CODE, ErrorClass.CONFIGURATION):
        return _OF_RUNTIME[kind] if verdict.error not in LOADING else ""
    return _of_called(verdict) if verdict.raiser is Raiser.SERVICE else ""


def _of_called(verdict: FailureVerdict) -> str:
    """Return what the name and the sentence of a refused call say beyond its class."""
    kind = verdict.error_class
    if kind is ErrorClass.INFRASTRUCTURE and is_not_ready(verdict.error):
        return _NOT_READY
    if kind is ErrorClass.PERMISSION and verdict.raised.service == "lambda" and "lambda:" not in verdict.message:
        return _LAMBDA_MAY_NOT
    return _OF_SERVICE.get(kind, "")


def _by_name(verdict: FailureVerdict, hints: Mapping[str, str], error: str) -> str:
    if verdict.raiser is Raiser.CODE and verdict.raised.is_function:
        return ""  # an exception of the author's own may be called like an error of the service
    if verdict.raiser is Raiser.CODE and verdict.error_class is ErrorClass.CODE and verdict.report is None:
        own = _OWN_FAILURE if verdict.raised.state_type == "Fail" else ""
        return own or (_GIVEN_UP if _is_answer(verdict) else "")
    named = hints.get(error) or hints.get(verdict.error)
    if error == "States.ItemReaderFailed" and verdict.error_class is not ErrorClass.DATA:
        return ""
    if _ANYTHING.match(error) and verdict.error_class in _SAID_BY_THE_CAUSE:
        named = ""
    if named or error in OWN_HINTS:
        return named or OWN_HINTS[error]
    if verdict.raiser is Raiser.RUNTIME:
        return _OF_RUNTIME.get(verdict.error_class) or _IN_FUNCTION.get(verdict.error_class, "")
    return _REFUSED if verdict.raiser is Raiser.SERVICE and verdict.error_class is ErrorClass.DATA else ""


def _is_answer(verdict: FailureVerdict) -> bool:
    """Tell that somebody answered a task token, or an activity."""
    return verdict.raised.action.endswith(".waitForTaskToken") or verdict.raised.event.startswith("Activity")

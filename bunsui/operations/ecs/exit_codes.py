"""What the end of a task means: each failure under a name of its own, that `retry` can name, or success.

Step Functions fails `ecs:runTask.sync` as States.TaskFailed whatever the reason, with the task as the cause: its StopCode and
the ExitCode of its containers (recorded executions; ECS API reference, Task). States.TaskFailed in a Catch takes all errors but
States.Timeout (developer guide, "Handling errors"), so that the others are raised again as they are. A Parallel of one branch
holds all of it, since Step Functions repeats a Parallel by the errors that its branch raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Branch, Catcher, Choice, Fail, Parallel, Pass, Retrier, Rule, State, Task, code
from bunsui.model.pipeline import Operation
from bunsui.operations.contract import EmitContext

SUCCESS = "success"
"""Stands for an exit code with which the operation has succeeded."""
HOST_STOPS = ("SpotInterruption", "TerminationNotice", "InfrastructureHealth")
"""Why ECS stops a task that did nothing wrong (ECS API reference, Task, stopCode)."""
STOPS = ("TaskFailedToStart", *HOST_STOPS)
"""The reasons that are names of errors, too."""
_RESERVED = ("States.", "Bunsui.", "ECS.", "AmazonECS.")
_CUT_OFF = 32_768
"""Characters of a cause that may have had more of them (API reference, HistoryEvent)."""
_CODE = re.compile(r"^(?:0|[1-9][0-9]{0,2})$")


def check_exit_codes(meanings: Mapping[str, str], *, is_named: bool) -> None:
    """Raise ValueError for codes that no container ends with, and names that mean something else."""
    if meanings and not is_named:
        raise ValueError("exit_codes: name the container that ends with them, under `container: {name: …}`")
    for number, meaning in meanings.items():
        if not _CODE.match(number) or not 1 <= int(number) <= 255:
            raise ValueError(f"exit_codes: {number} is no exit code of a failure: they are 1 to 255")
        taken = next((beginning for beginning in _RESERVED if meaning.startswith(beginning)), None)
        if taken is not None or meaning in STOPS:
            raise ValueError(f"exit_codes: {meaning} has a meaning already; give {number} another name")


def names_failures(meanings: Mapping[str, str], operation: Operation) -> bool:
    """Tell whether anything asks for names of the operation's failures."""
    retry = operation.retry
    told = (*retry.errors, *retry.spared) if retry is not None else ()
    return bool(meanings) or any(name in STOPS for name in told)


def with_named_failures(
    run: Task, meanings: Mapping[str, str], operation: Operation, context: EmitContext, *, container: str, key: str
) -> Parallel:
    """Return the state that runs the task, fails with the names of its failures, and gives what the task gave where its exit
    code means success. `container` leads from the task to the container, as JSONata; `key` is JSONata for where the result is
    written, empty where none is.
    """
    names = {part: context.sub(part) for part in ("run", "ended", "raise")}
    told = "{'Error': $states.errorOutput.Error, 'Cause': $states.errorOutput.Cause"
    told += f", 'key': {key}}}" if key else "}"
    caught = Catcher(errors=("States.TaskFailed",), next=names["ended"], output=code(told))
    started = replace(run, output=code(_told_of("$states.result", container, key)), retry=(), catch=(caught,), next=None)
    states: dict[str, State] = {names["run"]: started}
    kept = sorted((number for number, meaning in meanings.items() if meaning == SUCCESS), key=int)
    if kept:
        names["kept"] = context.sub("kept")
        condition = f"({_task(container)}$code in [{', '.join(kept)}] and $task.StopCode = 'EssentialContainerExited')"
        rule = Rule(condition=code(condition), next=names["kept"], comment="This exit code means success")
        states[names["ended"]] = Choice(rules=(rule,), default=names["raise"], comment="What its end means")
        own = _told_of("$task", container, "$states.input.key" if key else "")
        states[names["kept"]] = Pass(output=code(f"({_task(container)}{own})"))
    else:
        states[names["ended"]] = Pass(next=names["raise"], comment="What its end means")
    states[names["raise"]] = Fail(error=code(_name(meanings, container)), cause=code("$states.input.Cause"))
    return Parallel(
        branches=(Branch(start_at=names["run"], states=states),),
        retry=tuple(_with_host_stops(retrier, operation) for retrier in context.retry),
        catch=context.catch,
        next=context.next,
    )


def task_result(task: str, container: str) -> str:
    """Return JSONata for the operation's result out of a task; `container` leads from the task to the container."""
    return f"{{'arn': {task}.TaskArn, 'exit_code': {task}{container}.ExitCode, 'reason': {task}.StoppedReason}}"


def _told_of(task: str, container: str, key: str) -> str:
    own = task_result(task, container)
    return f"{{'own': {own}, 'key': {key}}}" if key else own


def _task(container: str) -> str:
    """Return JSONata that binds `$task`, and `$code`, which is nothing where the container did not run. A cause that is cut off
    is no JSON any more."""
    cause = "$states.input.Cause"
    is_whole = f"$substring({cause}, 0, 1) = '{{' and $length({cause}) < {_CUT_OFF}"
    is_task = f"$states.input.Error = 'States.TaskFailed' and {is_whole}"
    return f"$task := {is_task} ? $parse({cause}) : {{}}; $code := $task{container}.ExitCode; "


def _name(meanings: Mapping[str, str], container: str) -> str:
    stops = ", ".join(string_literal(name) for name in STOPS)
    named = {number: meaning for number, meaning in sorted(meanings.items(), key=lambda one: int(one[0])) if meaning != SUCCESS}
    table = ", ".join(f"{string_literal(number)}: {string_literal(meaning)}" for number, meaning in named.items())
    by_code = f"$lookup({{{table}}}, $string($code))" if named else ""
    rest = "$states.input.Error"
    if by_code:
        rest = f"$exists($code) and $exists({by_code}) ? {by_code} : {rest}"
    return f"({_task(container)}$task.StopCode in [{stops}] ? $task.StopCode : {rest})"


def _with_host_stops(retrier: Retrier, operation: Operation) -> Retrier:
    """Return the retrier that repeats what the host broke off, where failures of the infrastructure are repeated."""
    asked = operation.retry.errors if operation.retry is not None else ()
    if retrier.max_attempts == 0 or "infrastructure" not in asked or retrier.errors == ("States.ALL",):
        return retrier
    spared = operation.retry.spared if operation.retry is not None else ()
    more = tuple(name for name in HOST_STOPS if name not in (*retrier.errors, *spared))
    return replace(retrier, errors=(*retrier.errors, *more))

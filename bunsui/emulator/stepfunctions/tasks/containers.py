"""Tasks of ECS as child processes: there are no containers here, but the container's command can run on this machine.

Only where `local: {ecs: process}` stands in bunsui.yaml: the command runs as the user, without a container around it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bunsui.aws.service_calls import ServiceFailure
from bunsui.emulator.stepfunctions.roles import EveryRole, Roles
from bunsui.emulator.stepfunctions.tasks.container_logs import write_logs
from bunsui.emulator.stepfunctions.tasks.errors import TaskError
from bunsui.emulator.stepfunctions.tasks.integrations import call
from bunsui.emulator.stepfunctions.tasks.services import Services
from bunsui.emulator.stepfunctions.tasks.task import AssignedTask
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskSubmitted, TaskSucceeded
from bunsui.process_environment import CHILD_UMASK, inherited_environment, utf8_locale

ALLOWED = "process"
_GRACE_SECONDS = 10.0
"""What a container gets between SIGTERM and SIGKILL is 30 s on ECS; here somebody waits at a terminal."""


class Containers:
    """Runs the commands of containers, and ends them."""

    def __init__(
        self,
        services: Services,
        *,
        endpoint_url: str,
        session: Callable[[str, str], Mapping[str, str]],
        mode: str,
        roles: Roles | None = None,
    ) -> None:
        """`mode` is `process` or `none`, which runs nothing; it may be changed for what starts later. `session` gives the
        variables with the keys for a role's ARN and a session's name; `roles` judges roles, None where nobody does."""
        self._services = services
        self._roles = roles or EveryRole()
        self._session = session
        self._endpoint_url = endpoint_url
        self.mode = mode
        self._running: dict[AssignedTask, list[subprocess.Popen[bytes]]] = {}
        self._lock = threading.Lock()

    def expect(self, task: AssignedTask) -> None:
        """Note that the task's containers are to run, so that `stop` can keep them from starting."""
        with self._lock:
            self._running[task] = []

    def run(self, task: AssignedTask) -> TaskReport:
        """Run the containers of a task that was expected to their end. Raises TaskError."""
        try:
            return self._run(task)
        finally:
            with self._lock:
                self._running.pop(task, None)

    def _run(self, task: AssignedTask) -> TaskReport:
        if self.mode != ALLOWED:
            raise TaskError(
                "States.Runtime",
                "The embedded AWS starts no containers (ecs:runTask.sync)."
                f" Write `local: {{ecs: {ALLOWED}}}` in bunsui.yaml to have the containers' commands run as child processes,"
                " or give the state a mock in a test.",
            )
        self._check_passed_roles(task)
        submitted = call(self._services, task, "ecs", "runTask")
        tasks: Any = submitted.get("Tasks") if isinstance(submitted, Mapping) else None
        if not tasks:
            raise TaskError("ECS.AmazonECSException", compact(submitted))
        task.say(TaskSubmitted(output=submitted))
        ecs_task: Mapping[str, Any] = tasks[0]
        definition = self._definition_of(task, str(ecs_task["TaskDefinitionArn"]))
        keys = self._keys(task, definition, str(ecs_task["TaskArn"]))
        codes = self._run_all(task, definition, str(ecs_task["TaskArn"]), keys)
        self._stop_task(task, ecs_task)
        ended = _ended_task(ecs_task, codes)
        if all(code == 0 for code in codes.values()):
            return TaskSucceeded(output=ended)
        return TaskFailed(error="States.TaskFailed", cause=compact(ended))

    def stop(self, task: AssignedTask) -> None:
        """End what runs for the task."""
        with self._lock:
            running = self._running.pop(task, [])
        for process in running:
            process.terminate()
        if running:
            threading.Thread(target=_kill_later, args=(running,), daemon=True).start()

    def close(self) -> None:
        """End everything."""
        with self._lock:
            tasks = list(self._running)
        for task in tasks:
            self.stop(task)

    def _keys(self, task: AssignedTask, definition: Mapping[str, Any], task_arn: str) -> Mapping[str, str]:
        """Return the variables with the keys of the task's role; without a role there are none, as on AWS."""
        arguments: Any = task.request.arguments
        role = (arguments.get("Overrides") or {}).get("TaskRoleArn") or definition.get("TaskRoleArn") or ""
        return self._session(str(role), task_arn.rpartition("/")[2])

    def _check_passed_roles(self, task: AssignedTask) -> None:
        """Check that the machine's role may pass the roles of the task on, as ECS does (ECS developer guide, "IAM roles").

        Raises TaskError.
        """
        arguments: Any = task.request.arguments
        given: Any = arguments if isinstance(arguments, Mapping) else {}
        named = str(given.get("TaskDefinition", ""))
        overrides = given.get("Overrides") or {}
        definition = self._definition_of(task, named) if named else {}
        for name in ("TaskRoleArn", "ExecutionRoleArn"):
            role = str(overrides.get(name) or definition.get(name) or "")
            facts = {"iam:passedtoservice": ["ecs-tasks.amazonaws.com"]}
            words = self._roles.refusal(task.role_arn, task.location.account, "iam:PassRole", role, facts) if role else ""
            if words:
                told = f"{words} (Service: AmazonECS; Status Code: 400; Error Code: AccessDeniedException; Proxy: null)"
                raise TaskError("ECS.AccessDeniedException", told)

    def _definition_of(self, task: AssignedTask, definition_arn: str) -> Mapping[str, Any]:
        try:
            answer = self._services.call(
                "ecs",
                "describeTaskDefinition",
                {"TaskDefinition": definition_arn},
                account=task.location.account,
                region=task.location.region,
                keep_names=True,
            )
        except ServiceFailure as failure:
            raise TaskError("ECS.ClientException", failure.message) from failure
        found: Any = answer.output.get("TaskDefinition", {})
        definition: Mapping[str, Any] = found
        return definition

    def _run_all(
        self, task: AssignedTask, definition: Mapping[str, Any], task_arn: str, keys: Mapping[str, str]
    ) -> dict[str, int]:
        family = str(definition.get("Family", ""))
        overrides = _overrides(task)
        with tempfile.TemporaryDirectory(prefix="ecs-") as folder:
            started: dict[str, subprocess.Popen[bytes]] = {}
            logs: list[threading.Thread] = []
            for container in definition.get("ContainerDefinitions", []):
                name = str(container["Name"])
                process = started[name] = self._start_container(task, container, overrides.get(name, {}), folder, keys)
                arguments = (process, self._services, task.location, container)
                named = {"task_arn": task_arn, "family": family}
                logs.append(threading.Thread(target=write_logs, args=arguments, kwargs=named, daemon=True))
                logs[-1].start()
            codes = {name: _exit_code(process.wait()) for name, process in started.items()}
            for log in logs:
                log.join(_GRACE_SECONDS)
            return codes

    def _start_container(
        self,
        task: AssignedTask,
        container: Mapping[str, Any],
        override: Mapping[str, Any],
        folder: str,
        keys: Mapping[str, str],
    ) -> subprocess.Popen[bytes]:
        command = [*container.get("EntryPoint", []), *(override.get("Command") or container.get("Command", []))]
        if not command:
            cause = f"The container {container['Name']} names no command, and its image cannot be run here."
            raise TaskError("States.Runtime", cause)
        pairs = [*container.get("Environment", []), *override.get("Environment", [])]
        environment = inherited_environment(os.environ) | utf8_locale()
        environment |= {
            "AWS_ENDPOINT_URL": self._endpoint_url,
            "AWS_DEFAULT_REGION": task.location.region,
            "AWS_REGION": task.location.region,
            "HOME": folder,
            **keys,
        }
        environment |= {str(pair["Name"]): str(pair["Value"]) for pair in pairs}
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                umask=CHILD_UMASK,
            )
        except OSError as problem:
            raise TaskError("States.TaskFailed", f"CannotStartContainerError: {problem}") from problem
        with self._lock:
            started = self._running.get(task)
            if started is not None:
                started.append(process)
                return process
        process.kill()
        process.communicate()
        raise TaskError("States.TaskFailed", "The task was stopped while its containers started.")

    def _stop_task(self, task: AssignedTask, ecs_task: Mapping[str, Any]) -> None:
        request = {
            "Cluster": ecs_task.get("ClusterArn"),
            "Task": ecs_task["TaskArn"],
            "Reason": "Essential container in task exited",
        }
        try:
            self._services.call("ecs", "stopTask", request, account=task.location.account, region=task.location.region)
        except ServiceFailure as failure:
            raise TaskError("ECS.AmazonECSException", failure.message) from failure


def _exit_code(code: int) -> int:
    """Return the exit code as a container's runtime tells it: 128 and the signal's number for a process that a signal ended."""
    return 128 - code if code < 0 else code


def _overrides(task: AssignedTask) -> Mapping[str, Mapping[str, Any]]:
    arguments: Any = task.request.arguments
    listed = (arguments.get("Overrides") or {}).get("ContainerOverrides") or []
    return {str(override["Name"]): override for override in listed}


def _ended_task(ecs_task: Mapping[str, Any], codes: Mapping[str, int]) -> dict[str, Any]:
    known = {container.get("Name"): container for container in ecs_task.get("Containers", [])}
    containers = [
        {**known.get(name, {}), "Name": name, "ExitCode": code, "LastStatus": "STOPPED"} for name, code in codes.items()
    ]
    return {
        **ecs_task,
        "Containers": containers,
        "DesiredStatus": "STOPPED",
        "LastStatus": "STOPPED",
        "StopCode": "EssentialContainerExited",
        "StoppedReason": "Essential container in task exited",
    }


def _kill_later(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()

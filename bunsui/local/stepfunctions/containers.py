"""Tasks of ECS as child processes: there are no containers here, but the container's command can run on this machine.

Only where `local: {ecs: process}` stands in bunsui.yaml: the command runs as the user, without a container around it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from bunsui.aws.service_calls import ServiceFailure
from bunsui.engine.paths import compact
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskSubmitted, TaskSucceeded
from bunsui.local.stepfunctions.container_logs import write_logs
from bunsui.local.stepfunctions.integrations import call
from bunsui.local.stepfunctions.orders import Order
from bunsui.local.stepfunctions.refusal import Refusal, Services

ALLOWED = "process"
_GRACE_SECONDS = 10.0
"""What a container gets between SIGTERM and SIGKILL is 30 s on ECS; here somebody waits at a terminal."""
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


class Containers:
    """Runs the commands of containers, and ends them."""

    def __init__(self, services: Services, *, endpoint_url: str, mode: str) -> None:
        """`mode` is `process` or `none`, which runs nothing; it may be changed for what starts later."""
        self._services = services
        self._endpoint_url = endpoint_url
        self.mode = mode
        self._running: dict[Order, list[subprocess.Popen[bytes]]] = {}
        self._lock = threading.Lock()

    def expect(self, order: Order) -> None:
        """Note that the order's containers are to run, so that `stop` can keep them from starting."""
        with self._lock:
            self._running[order] = []

    def run(self, order: Order) -> TaskReport:
        """Run the containers of an order that was expected to their end. Raises Refusal."""
        try:
            return self._run(order)
        finally:
            with self._lock:
                self._running.pop(order, None)

    def _run(self, order: Order) -> TaskReport:
        if self.mode != ALLOWED:
            raise Refusal(
                "States.Runtime",
                "The embedded AWS starts no containers (ecs:runTask.sync)."
                f" Write `local: {{ecs: {ALLOWED}}}` in bunsui.yaml to have the containers' commands run as child processes,"
                " or give the state a mock in a test.",
            )
        submitted = call(self._services, order, "ecs", "runTask")
        tasks: Any = submitted.get("Tasks") if isinstance(submitted, Mapping) else None
        if not tasks:
            raise Refusal("ECS.AmazonECSException", compact(submitted))
        order.say(TaskSubmitted(output=submitted))
        task: Mapping[str, Any] = tasks[0]
        codes = self._run_all(order, self._containers_of(order, str(task["TaskDefinitionArn"])), str(task["TaskArn"]))
        self._stop_task(order, task)
        ended = _ended(task, codes)
        if all(code == 0 for code in codes.values()):
            return TaskSucceeded(output=ended)
        return TaskFailed(error="States.TaskFailed", cause=compact(ended))

    def stop(self, order: Order) -> None:
        """End what runs for the order."""
        with self._lock:
            running = self._running.pop(order, [])
        for process in running:
            process.terminate()
        if running:
            threading.Thread(target=_kill_later, args=(running,), daemon=True).start()

    def close(self) -> None:
        """End everything."""
        with self._lock:
            orders = list(self._running)
        for order in orders:
            self.stop(order)

    def _containers_of(self, order: Order, definition_arn: str) -> Sequence[Mapping[str, Any]]:
        try:
            answer = self._services.call(
                "ecs",
                "describeTaskDefinition",
                {"TaskDefinition": definition_arn},
                account=order.place.account,
                region=order.place.region,
                keep_names=True,
            )
        except ServiceFailure as failure:
            raise Refusal("ECS.ClientException", failure.message) from failure
        definition: Any = answer.output.get("TaskDefinition", {})
        found: Sequence[Mapping[str, Any]] = definition.get("ContainerDefinitions", [])
        return found

    def _run_all(self, order: Order, containers: Sequence[Mapping[str, Any]], task_arn: str) -> dict[str, int]:
        overrides = _overrides(order)
        with tempfile.TemporaryDirectory(prefix="ecs-") as folder:
            started: dict[str, subprocess.Popen[bytes]] = {}
            logs: list[threading.Thread] = []
            for container in containers:
                name = str(container["Name"])
                process = started[name] = self._started(order, container, overrides.get(name, {}), folder)
                arguments = (process, self._services, order.place, container, task_arn)
                logs.append(threading.Thread(target=write_logs, args=arguments, daemon=True))
                logs[-1].start()
            codes = {name: process.wait() for name, process in started.items()}
            for log in logs:
                log.join(_GRACE_SECONDS)
            return codes

    def _started(
        self, order: Order, container: Mapping[str, Any], override: Mapping[str, Any], folder: str
    ) -> subprocess.Popen[bytes]:
        command = [*container.get("EntryPoint", []), *(override.get("Command") or container.get("Command", []))]
        if not command:
            cause = f"The container {container['Name']} names no command, and its image cannot be run here."
            raise Refusal("States.Runtime", cause)
        pairs = [*container.get("Environment", []), *override.get("Environment", [])]
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {
            "AWS_ENDPOINT_URL": self._endpoint_url,
            "AWS_DEFAULT_REGION": order.place.region,
            "AWS_REGION": order.place.region,
            "AWS_ACCESS_KEY_ID": order.place.account,
            "AWS_SECRET_ACCESS_KEY": "local",
            "HOME": folder,
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
            )
        except OSError as problem:
            raise Refusal("States.TaskFailed", f"CannotStartContainerError: {problem}") from problem
        with self._lock:
            started = self._running.get(order)
            if started is not None:
                started.append(process)
                return process
        process.kill()
        process.communicate()
        raise Refusal("States.TaskFailed", "The task was stopped while its containers started.")

    def _stop_task(self, order: Order, task: Mapping[str, Any]) -> None:
        request = {"Cluster": task.get("ClusterArn"), "Task": task["TaskArn"], "Reason": "Essential container in task exited"}
        try:
            self._services.call("ecs", "stopTask", request, account=order.place.account, region=order.place.region)
        except ServiceFailure as failure:
            raise Refusal("ECS.AmazonECSException", failure.message) from failure


def _overrides(order: Order) -> Mapping[str, Mapping[str, Any]]:
    arguments: Any = order.request.arguments
    listed = (arguments.get("Overrides") or {}).get("ContainerOverrides") or []
    return {str(override["Name"]): override for override in listed}


def _ended(task: Mapping[str, Any], codes: Mapping[str, int]) -> dict[str, Any]:
    known = {container.get("Name"): container for container in task.get("Containers", [])}
    containers = [
        {**known.get(name, {}), "Name": name, "ExitCode": code, "LastStatus": "STOPPED"} for name, code in codes.items()
    ]
    return {
        **task,
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

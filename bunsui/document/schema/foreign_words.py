"""Where is said here what neighbouring tools write (Airflow, dag-factory, Argo, Dagu, GitHub Actions, Kestra).

A row is `word, word = answer`. Words are in lower case with `_`, which also stands for `-` and for the humps of camelCase. An
answer is our key, or a sentence where there is none that means the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def _of(rows: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in rows.strip().splitlines():
        words, _, answer = row.partition(" = ")
        found.update(dict.fromkeys((word.strip() for word in words.split(",")), answer.strip()))
    return found


AT_TOP = _of(
    """
on, cron, schedule, schedule_interval, timetable = schedules: [{id: nightly, cron: "0 3 * * ? *"}]
triggers = schedules; a pipeline starts by schedule, by hand or as the child of another
start_date = Remove start_date: a schedule begins with the apply that makes it.
end_date = Remove end_date: a schedule ends with enabled: false.
catchup = Remove catchup: a start that was missed is not made up for.
inputs, params, arguments = parameters: {NAME: {type: string, default: …}}
variables, vars, env, dotenv = variables in bunsui.yaml, read as ${var.NAME}, or parameters here
steps, tasks, stages, task_groups, templates, dag = jobs
states = definition, for a raw state machine
retries, retry, retry_strategy = defaults: {retry: {attempts: 3}}
default_args, plugin_defaults, task_defaults = defaults
dag_id, id, workflow, pipeline = name
namespace, metadata, spec, api_version, kind, entrypoint = Remove it: a file is one pipeline, with version, name and jobs.
doc_md, doc = description
recovery, recovery_policy, on_failed = recover
labels = tags
timezone_id, tz = timezone
depends_on, needs = depends_on, at a job
timeout_sec, timeout_minutes, dagrun_timeout, active_deadline_seconds, execution_timeout = timeout: with a unit, such as 2h
disabled, paused, is_paused, is_paused_upon_creation = enabled: false
on_failure_callback, errors, handler_on, on_error, error_handler = on_failure: [{type: sns_publish, topic: …, message: …}]
on_fail = on_failure: [{type: sns_publish, topic: …, message: …}]
on_exit, after_execution, always, on_success_callback, teardown = finally: [{type: …}]
notifications, notify, mail_on, email, email_on_failure, slack = alerts: [{event: failed, notify: [CHANNEL]}]
sla = on_failure: [{type: sns_publish, topic: …, message: …}]
secrets = Hand the secret's ARN to the task by its environment; it reads the value with its own role.
concurrency, max_active_runs, max_active_tasks, parallelism, queue = Sessions are not limited here; foreach has max_concurrency.
pool = Sessions are not limited here; foreach has max_concurrency.
use, include, imports, extends = functions and defaults, or a job with type: pipeline for a shared part
runs_on, service_account_name, permissions, volumes, executor = Remove it: each operation says where it runs and what it may do.
image = Remove it: each operation says where it runs and what it may do.
output, outputs = outputs, at the job that makes them
"""
)
IN_JOB = _of(
    """
needs, depends, dependencies, upstream, after, requires, upstream_tasks = depends_on
if, condition, only_if, run_when, preconditions, skip_if, unless = when
matrix, strategy, with_items, with_param, with_sequence, loop, map, expand, for_each, for, parallel = foreach
steps, tasks, run, script, commands = operations
uses, operator, action, template, task, task_type, executor, image = type: …, with the type's own keys beside it
with, params, arguments, inputs, op_kwargs = the type's own keys beside `type`, such as payload
env, environment, variables = environment, in code: or container:
trigger_rule, run_when_failed, always = run_if
continue_on_error, continue_on_fail, continue_on, allow_failure, ignore_errors, fail_fast, soft_fail = isolate: true
until, wait_for, wait_until = poll: {until: …}, at the operation
fail_if = poll: {fail_if: …}, at the operation
retries, retry_strategy, retry_policy, max_attempts, attempts = retry: {attempts: 3, delay: 1s, backoff: 2}, at the operation
factor, retry_delay = retry: {attempts: 3, delay: 1s, backoff: 2}, at the operation
timeout_minutes, timeout_seconds, timeout_sec, execution_timeout, deadline = timeout: with a unit, such as 5m, at the operation
on_failure, on_error, on_fail, on_failure_callback, catch = a job with run_if: any_failed, or on_failure: of the pipeline
errors, rescue = a job with run_if: any_failed, or on_failure: of the pipeline
finally, always_run, on_exit, on_success, teardown = a job with run_if: all_done, or finally: of the pipeline
notifications, notify, alerts, email, email_on_failure, slack = alerts: of the pipeline, [{event: failed, notify: [CHANNEL]}]
sla = alerts: of the pipeline
secrets, secret = Hand the secret's ARN to the task by its environment; it reads the value with its own role.
concurrency, max_concurrency, max_parallel, parallelism, max_active_tis_per_dag, pool, queue = foreach: {max_concurrency: …}
schedule, cron, start_date = schedules, of the pipeline
output, returns, do_xcom_push, artifacts = outputs
use, extends, include = defaults of the pipeline, or type: pipeline for a shared part
runs_on, services, container, permissions, node_selector = Say it at the operation: each type has its own keys for it.
resources = Say it at the operation: each type has its own keys for it.
name, title, label = The job's key is its name; description: says more.
next, then, downstream, downstream_tasks = depends_on, at the job that comes next
recovery, recovery_policy, on_failed = recover
else, default = a second job with the opposite when:, or type: choice
"""
)
IN_RECOVER = _of(
    """
when, on, errors, error, class, classes, error_equals, exceptions, if, for = only
max_attempts, times, retries, limit, count, max = attempts
action, do, type, policy, then = strategy
from, start_from, begin, from_job, restart_from = job
outputs, value, result, return = output
assignee, assigned_to, who, contact, team, responsible = owner
message, description, reason, runbook = note
until, timeout, due, sla, within = deadline: with a unit, such as 4h
auto, unattended = automatic
"""
)
IN_OPERATION = _of(
    """
retries, max_attempts, attempts, factor, retry_delay = retry: {attempts: 3, delay: 1s}, where attempts counts the first try
retry_policy, retry_strategy = retry
uses, operator, executor, task_type, kind = type
with, params, arguments, inputs, op_kwargs = the type's own keys beside `type`
name = id
timeout_seconds, timeout_minutes, timeout_sec, execution_timeout = timeout: with a unit, such as 5m
if, when, condition = when, at the job
needs, depends_on, depends, upstream = depends_on, at the job
run_if, trigger_rule = run_if, at the job
foreach, matrix, loop, with_items, with_param, expand = foreach, at the job
isolate, continue_on_error, allow_failure, ignore_errors = isolate: true, at the job
outputs, output, returns = outputs, at the job
env = environment, in code: or container:
input, args, message, body, payload, event = payload
until = poll: {until: …}
fail_if = poll: {fail_if: …}
every, poke_interval = poll: {every: …}
wait_for, wait_until, sensor = poll: {until: …}
on_failure, on_error, catch = Write a job with run_if: any_failed, or on_failure: of the pipeline.
secrets, secret = Write it in code: or container: secrets: {NAME: ARN}.
duration, seconds, sleep = for
run, script, command, bash_command = type: lambda with code:, or container: {command: […]} of an ecs_task
function_name = function
remind, reminder, reminders, remind_after = Remove it: reminding needs a resident in the account; tell people with a job before.
image, docker_image = The task definition names the image; container: changes its command and environment.
"""
)
IN_SCHEDULE = _of(
    """
schedule, expression = cron, rate or at
every, interval = rate
tz, time_zone = timezone
name = id
parameters, params, inputs, with = input
start_date, end_date, catchup = Remove it: a schedule begins with the apply that makes it, and ends with enabled: false.
disabled, paused = enabled: false
offset = slot: {offset: -1d}
"""
)
IN_PARAMETER = _of(
    """
required, optional, nullable = Remove it: a parameter without default must be given.
value, defaults, default_value = default
choices, options, values, allowed, one_of = enum
regex, regexp = pattern
min = minimum
max = maximum
doc, help, title, label = description
kind = type
"""
)
IN_RETRY = _of(
    """
max_attempts, limit, max_retries, retries, count = attempts, which counts the first try
interval, wait, interval_sec, retry_delay = delay
interval_seconds = delay: with a unit, such as 5s
backoff_rate, factor, multiplier = backoff
max_interval, max_interval_seconds, max_duration = max_delay
when, on, error_equals, retry_on, exceptions = errors
unless, ignore, exclude, not, abort_on, non_retryable, non_retryable_errors, do_not_retry, stop_on = except
max, times, tries, n = attempts, which counts the first try
"""
)
IN_CODE = _of(
    """
folder, dir, source, src, uri, code_uri, directory, file = path
entrypoint, entry, function, module, main = handler: module.function
env, variables = environment
memory_size, memory_mb, ram = memory: in MiB, such as 512
requirements_file, packages, dependencies, layers = requirements: a lock file with hashes
python, python_version, version = runtime: python3.13
arch, platform = architecture
role, policy, policies, iam = permissions: [{actions: […], resources: […]}]
"""
)
IN_CONTAINER = _of(
    """
env, variables = environment
args, cmd, entrypoint, run = command: […]
image = The task definition names the image; container: changes its command and environment.
memory_mb, ram = memory
vcpu = cpu
"""
)
TYPES = _of(
    """
sensor, s3_sensor, s3_key_sensor, wait_file, file_sensor = Write type: s3, action: exists, with poll: {every: 1m, timeout: 2h}.
bash, shell, script, sh, command = Write type: lambda with code:, or type: ecs_task with container: {command: […]}.
python_operator = Write type: lambda with code:, or type: ecs_task with container: {command: […]}.
email, slack, notify = Write type: sns_publish, whose topic sends it on.
dbt, spark_submit, kubernetes_pod, pod = Write type: ecs_task, with the image in its task definition.
http_request, webhook, api = Write type: http, with url:, method: and connection:.
glue = Write type: glue_job, job: NAME.
athena, sql, query = Write type: athena_query, query: "SELECT …".
batch_job, batch = Write type: aws, action: batch:submitJob, wait: job.
emr, emr_serverless, spark = Write type: aws, action: emrserverless:startJobRun, then poll: on emrserverless:getJobRun.
dag_run, trigger_dag_run, subflow, workflow, sub_dag = Write type: pipeline, pipeline: NAME, params: {…}.
approve, pause, manual, manual_approval, human, gate, suspend = Write type: approval, message: …, deadline: 24h.
"""
)
"""Operation types of neighbours; those that are types here as well are never asked for."""
ERROR_CLASS_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("all", "*", "every", "everything", "error", "errors", "failure", "exception", "always"), "any"),
        **dict.fromkeys(("throttle", "throttled", "rate_limit", "ratelimit", "too_many_requests", "429"), "throttling"),
        **dict.fromkeys(("timeouts", "timed_out", "timedout"), "timeout"),
        **dict.fromkeys(("infra", "network", "server", "service", "5xx"), "infrastructure"),
    }
)
"""What they call classes of errors, in lower case with `_` -> ours."""

"""Every finding by its code: what it means, and what to do. `bunsui explain` and the reference page are made from it.

BS0xx reading files, BS1xx their shape, BS2xx references, BS3xx expressions, BS4xx machines, BS5xx plans, BS6xx alerts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class FindingCode(NamedTuple):
    """One kind of finding."""

    meaning: str
    remedy: str


def _of(rows: str) -> dict[str, FindingCode]:
    """Read `CODE | meaning | remedy`, one a line."""
    parts = ([cell.strip() for cell in row.split(" | ")] for row in rows.strip().splitlines())
    return {code: FindingCode(meaning, remedy) for code, meaning, remedy in parts}


FINDINGS: Mapping[str, FindingCode] = _of(
    """
BS001 | A file cannot be read, is no regular file, or lies outside the project's folder. | Make it readable, or move it.
BS002 | A file is too large. | Split it into smaller files.
BS003 | A file is not UTF-8. | Save it as UTF-8.
BS004 | A control character stands in a file. | Remove it; write it as an escape where it is meant.
BS005 | The file is not valid YAML. | Correct the place; the hint knows the usual mistakes.
BS006 | A key stands twice in one mapping. | Keep one of the two.
BS007 | YAML anchors and aliases are not allowed. | Write the value out where it is used.
BS008 | YAML tags are not allowed. | Remove the tag; quote the value when it is text.
BS009 | The file has too many parts or is nested too deeply. | Split it into smaller files.
BS010 | A key is not text. | Quote it.
BS011 | The file holds a second document. | One document a file.
BS012 | The file is empty. | Fill it, or remove it.
BS013 | A value cannot be read for sure, such as an infinite number. | Quote it when it is text.
BS014 | A file has more errors than are told. | Correct those that are told first.
BS101 | A key is unknown here. | Correct it; keys of other tools are answered with ours.
BS102 | A key is missing. | Add it.
BS103 | A value is of the wrong type. | Write it in the type that is named.
BS104 | A value is not one of those that are allowed. | Choose one of them.
BS105 | A name or a text has not the right form. | Follow the form that is named.
BS106 | A value is too small, too large, too short or too long. | Keep within the limit.
BS107 | Exactly one of several keys is needed. | Keep one.
BS108 | There is no operation type of that name. | See the operation types in the documentation.
BS109 | An operation's parameters cannot be read. | Correct them; the message says what is wrong.
BS110 | A schedule's expression is wrong. | EventBridge's cron has six fields.
BS111 | A time zone or a day is unknown. | Use an IANA name, such as Asia/Tokyo.
BS113 | A duration is wrong, or does not fit beside another one. | Write it as 90s, 5m or 1h30m.
BS114 | A timeout is retried although the operation is not idempotent. | Add `idempotent: true`, or do not retry timeouts.
BS115 | There is nothing to poll here, or a key of `poll` does nothing. | Put `poll` on the operation that asks.
BS116 | A key of `foreach` belongs to the other mode. | Choose `mode: distributed`, or remove the key.
BS117 | The objects that a distributed `foreach` reads are described wrongly. | Correct the address or the format.
BS118 | A key changes nothing on this operation: a timeout, a retry, or `idempotent` without one. | Remove it, or add `retry`.
BS118 | `idempotent: true` changes nothing, since no timeout of the operation is retried. | Add `retry`, or remove the key.
BS120 | A number stands for a day of the week, and 1 is Sunday in AWS cron. | Write the day's name: `MON`.
BS121 | A function's handler names a module or function that its folder does not have. | Correct `handler`: `module.function`.
BS122 | `heartbeat` on work for which nobody can send one: Step Functions would end it. | Remove it, and say `timeout`.
BS125 | Code imports what is neither in its folder nor locked, and what Lambda does not have. | Lock the package.
BS201 | A job depends on one that does not exist. | Correct the name.
BS202 | Jobs depend on each other in a ring. | Remove one of the dependencies.
BS203 | A name is used twice, or means something else already. | Choose another name.
BS204 | Two files define the same pipeline. | Rename one of them.
BS205 | A `${…}` stands for nothing. | Declare the variable, or write `$${` for a literal `${`.
BS206 | An SSM parameter cannot be used. | Check its name; a SecureString is read by the task itself.
BS207 | An operation starts a pipeline that does not exist. | Correct the name.
BS208 | Pipelines start each other in a ring. | Remove one of the starts.
BS209 | A rule or an acceptance is wrong: without a reason, with a day that does not exist, or about no finding. | Complete it.
BS210 | Nobody reads an output. | Remove it, unless it is there for people.
BS211 | The folder of a function's code cannot be used. | Correct `code.path`.
BS212 | The lock file of a function's packages cannot be used. | Pin each package with its hash.
BS213 | A raw definition cannot be read. | Correct its path, relative to the file that names it.
BS214 | A substitution replaces nothing: no placeholder of its name, or no definition. | Remove it, or correct its name.
BS215 | Something about an environment of the project file is wrong. | Correct bunsui.yaml.
BS216 | A schedule or a smoke run gives no value for a parameter without a default. | Give one there, or a default.
BS217 | There is no pipeline file. | Add one, or correct `pipelines:` in bunsui.yaml.
BS218 | Two tests have one name. | Rename one.
BS219 | Tests belong to no pipeline. | Name the pipeline.
BS220 | `moved` does not fit the other files. | Name what the pipeline was called, once, and remove the old file.
BS221 | A file that looks like a pipeline is found by no pattern of `pipelines:`. | Move or rename it, or add a pattern.
BS222 | A pattern of `pipelines:` finds no file. | Correct it, or remove it.
BS223 | A schedule never starts. | Correct it, remove it, or disable it.
BS224 | An operation's `code` names no function. | Correct the name, or add it to `functions`.
BS225 | A function is invoked by no operation. | Name it as an operation's `code`, or remove it.
BS226 | Durations were learnt of a pipeline or a job that there is not. | `bunsui graph --update-estimates` leaves it out.
BS228 | What looks like a secret lies beside a function's code. | Move it, or name it in `exclude` (or `include`, to ship it).
BS229 | A pattern of a function's `exclude` or `include` matches nothing in its folder. | Correct it, or remove it.
BS230 | Operations stand behind one that ends the job, so that they never run. | Put it last, or into a `choice`.
BS231 | A query is made in the run, so that a value can become SQL. | Write `?` in it, and the values under `parameters`.
BS232 | A timeout is longer than what Step Functions waits for at all. | Start longer work, and poll for its end.
BS233 | A sensitive parameter has a value, and no reference. | Store the value in Secrets Manager, and write its ARN.
BS241 | An alert names a channel that there is not. | Correct the name, or declare it under `channels:` in bunsui.yaml.
BS242 | An alert waits for an event of which AWS tells nobody. | Give the environment `resident: true`, or remove it.
BS243 | A channel's topic lies where no rule of the environment can publish, or is described twice. | Give it a topic there.
BS271 | A function, machine or task definition is not pinned to a version. | Name a version or an alias.
BS272 | A function's own timeout is longer than its operation's. | Raise the operation's timeout.
BS273 | The value of a secret would stay in the history of every session. | Let the task read it with its own role.
BS274 | A lost task token would be noticed only when the timeout passes. | Add a heartbeat.
BS275 | The key of an s3 operation is another each time it is evaluated. | Build it of `$session.id` or `$session.slot`.
BS276 | A test expects something of a job, or an output, that there is not. | Name one of those that it says.
BS277 | A log of everything leaves out data, since a task token would be in it. | Nothing: a job's page has what it was given.
BS278 | An argument of a call is said by another key of the operation, too. | Write it once, under that key.
BS279 | The roles of a Fargate task are not named, so that it gets none. | Name them in `roles`, or write `roles: []`.
BS281 | IAM has no such action, as far as is known. | Correct its name, or say what the call needs under `allow`.
BS282 | `permissions` would let a pipeline change who is allowed what. | Leave that to a review; hand on roles that are there.
BS301 | An expression is no valid JSONata. | Correct it at the place that is shown.
BS302 | A name or function does not exist in an expression. | See which names there are.
BS303 | `$jobs` is read without a job, or with one that does not exist. | Write `$jobs.NAME.OUTPUT`.
BS304 | A job is read that is not depended on. | Add it to `depends_on`.
BS305 | A job declares no such output. | Declare it under `outputs:`.
BS306 | The pipeline has no such parameter. | Declare it, or correct the name.
BS307 | A session has no such field. | See which fields there are.
BS308 | There is no such earlier operation in the job. | Correct the id.
BS309 | The result of an operation has no such field. | See its type's page.
BS310 | A job is read that may have been skipped or have failed. | Write `$exists(…)` with a default.
BS311 | An expression gives another value in every attempt. | Read `$session.slot` or `$session.date`.
BS312 | A value is needed at plan time and is an expression. | Write the value, or `${var.NAME}`.
BS313 | An expression is not closed, or empty. | Write a JSONata expression between `{%` and `%}`.
BS314 | A `${…}` stands inside an expression. | Give it to a parameter's default, and read that.
BS330 | A job that looks at failures stays silent about some before it. | Add them to `depends_on`, or use `on_failure`.
BS331 | A job is skipped with one that may skip itself. | `run_if: none_failed` goes on; `all_succeeded` says it is meant.
BS332 | `$errors` of a job is read that may have none. | Depend on the job with `run_if: any_failed`, or ask `$exists`.
BS333 | `on_failure` and `finally` do not run when the pipeline's timeout ends the session. | Give operations shorter timeouts.
BS334 | A job of `on_failure` or `finally` has a rule of its own. | Remove `run_if`, or move the job to `jobs`.
BS335 | `handles` stands at a job that does not look at failures. | Write `run_if: any_failed`, or remove it.
BS336 | Delays are listed that Step Functions cannot keep. | Write `delay` and `backoff`, or a list whose delays grow alike.
BS337 | What goes over a list becomes an output or a payload, and is no list for one or none. | Write `$list(…)`.
BS338 | A text is compared with a number. | Compare values of one type; `$number(…)` makes a number of a text.
BS340 | A text looks like another language's expression, and is handed over as it is. | Write it between `{%` and `%}`.
BS341 | A child pipeline is given no value for a parameter without a default. | Give one in `params:`.
BS342 | A container's command or environment gets a value that is no text. | Write `$string(…)` around it.
BS350 | AWS has no such service or call, or Step Functions does not offer it. | Correct the name, or update botocore.
BS351 | A call of AWS's API has no such argument, or lacks one. | See the service's API reference, names with a capital.
BS352 | An argument of a call of AWS's API has a value that the service does not take. | Write it as its API reference says.
BS353 | A value is used as what it is not: a field of a text, a text in a sum. | See the hint: JSONata has functions for it.
BS354 | A value is compared with a text that it never is. | Write one of its values: `Monday`, `succeeded`, one of `enum`.
BS355 | Each item of a foreach is a list. | Write a path, whose members are items of their own.
BS356 | Every error is an exception of `retry`. | Name those that are not to be tried again.
BS357 | A field is read by a text in brackets, which JSONata takes for a condition. | Write the field behind a dot.
BS358 | A condition gives something else than true or false. | Compare it with something.
BS359 | `retry` or `recover` names a class of errors that there is not. | Write the class that it says.
BS360 | What an earlier bunsui took otherwise cannot be carried over by `upgrade`. | Decide, as the hint says, once.
BS371 | A rule of `recover` is never reached: an earlier one takes what it is about. | Put it before that one.
BS372 | What a rule of `recover` gives for a job that is skipped is not what the job declares. | Write its outputs.
BS373 | A rule of `recover` lacks a key, or has one that its strategy does not take. | See the hint.
BS374 | `automatic: true` of `recover` needs somebody awake who recovers; no resident does. | Remove it; run `bunsui recover`.
BS375 | A rule of `recover` redrives failures that come again with the code of then. | Write `strategy: resume`.
BS376 | A rule of `recover` begins with a job that is not there, or not before. | Correct the name.
BS401 | A raw definition is no state machine. | See the validator's code in brackets.
BS402 | StartAt names no state. | Correct it.
BS403 | A state leads nowhere. | Correct its Next.
BS404 | A state is never reached. | Remove it, or lead to it.
BS405 | A state's name or type is wrong. | Correct it.
BS406 | A state neither goes on nor ends, or nothing ends the machine. | Add Next or End.
BS407 | What the machine's role needs for a state cannot be derived, and is not said. | Say it under `permissions`.
BS409 | The validator found something else in a raw definition. | See its code in brackets.
BS421 | A pipeline has no jobs, or a job no operations. | Add one.
BS422 | Jobs depend on each other in a ring. | Remove one of the dependencies.
BS423 | The definition is larger than Step Functions takes. | Move a part into another pipeline.
BS424 | One execution may write more events than Step Functions allows. | Lower `max_items`, or use `mode: distributed`.
BS425 | A `foreach` has more items than `max_items`. | Raise it, or give fewer items.
BS426 | A state's name is too long or used twice. | Rename the job or the operation.
BS427 | The results of a `foreach` may not fit into what a state can give. | Lower `max_items`, or write results elsewhere.
BS429 | Step Functions would refuse the compiled machine. | See the validator's code in brackets.
BS430 | The work of an operation writes its result to a bucket, and the environment has none. | Give it one: `bucket: managed`.
BS431 | The work of an operation writes its result itself, which its own role must allow. | Give its role that right.
BS432 | A resource lies in another region, where Step Functions does not call. | Name one of the environment's region.
BS433 | A state machine of another account is to be started. | Let a function start it, with a role of that account.
BS434 | `retry` names an error, or a class, with which the operation never fails. | Correct the name, or write a class.
BS440 | `lifecycle.ignore` names nothing that exists. | Correct the name.
BS449 | Machines are compiled anew since a newer bunsui gives pipelines another meaning. | Read what changed in the changelog.
BS501 | A removal takes executions with their history, or logs, with it. | Make sure that nobody needs them.
BS502 | A role may do more than before, or a new one reaches beyond data. | Review what is newly allowed.
BS503 | Somebody's change outside bunsui is about to be undone. | To keep it, write it into the YAML, where a key says it.
BS504 | A resource could not be read, so whether it is in sync is unknown. | Give the caller the permission, and plan again.
BS505 | A task has no timeout, nor has its machine: if it hangs, it runs for a year. | Give one of them a `timeout`.
BS506 | The plan deletes an unusual part of what is there. | Check that the checkout is complete; in CI `--allow-deletes N`.
BS507 | Sessions run on a machine that changes. | Read what happens to them.
BS508 | The plan would take away what `lifecycle.prevent_destroy` protects. | Remove the key first, in a change of its own.
BS509 | The environment is frozen on this day. | Wait, or apply with `--break-glass REASON`.
BS521 | Something comes near a quota of AWS, or goes beyond it. | Make it smaller, or have the quota raised first.
BS522 | A timeout is longer than what ends the work anyway. | Shorten it.
BS523 | A raw definition calls something without pinning its version. | Name a version, an alias or a revision.
BS524 | A run enters more or fewer states than before, so it costs another price: an estimate. | Nothing, if that is meant.
BS525 | Somebody applies while this plan is made, or died at it. | Plan again when it has ended.
BS526 | A foreach calls a function more often at once than its reserved concurrency allows. | Lower `max_concurrency`.
BS527 | A role that somebody else makes is not there, or does not trust the service. | Have it made or changed first.
BS528 | The branch lacks, or may lack, the commit that was applied last. | Merge or rebase first; in CI, `--accept-behind`.
BS529 | The commit that an untrusted plan compares with has errors. | Correct them there first, or read the diff.
BS530 | The project cannot be read at the commit that a plan compares with. | Read the diff of `bunsui.yaml`.
BS531 | Alerts may reach nobody: no subscription is confirmed, or a topic is somebody else's. | Subscribe, and confirm.
BS532 | Approvals come with a table and a key of KMS of their own, which cost something. | Nothing, if that is meant.
BS533 | A bucket that somebody else makes is not there, or has a key that machines may not use. | Name its key.
BS534 | Others put a policy, a permission, a trigger beside ours; it is left there. | Look at it; remove it if nobody needs it.
BS535 | The account, whoever uses it, has no room for what apply would write. | Raise the quota, or remove what nobody needs.
BS536 | A machine runs a task definition that is not there, or may not hand over its roles. | Name the roles, as the hint says.
BS540 | AWS would refuse what apply would write: a tag, or a variable of a function. | Change what is named.
BS543 | A resident is made, which costs something each month: an estimate. | Nothing, if that is meant.
BS545 | A rollback holds a pipeline at an earlier version. | Merge the fix, or `bunsui rollback PIPELINE --release`.
BS546 | Somebody paused a pipeline: nothing starts it by itself. | `bunsui unpause PIPELINE`, when it may start again.
BS550 | Somebody else owns the resource as yet: it is compared, never written. | Change it there, or `bunsui import --handover`.
BS560 | A pipeline that is switched off has a smoke run, which cannot start. | Remove `verify`, or `enabled: false`.
BS561 | A session runs after the apply, and decides whether what was deployed stays. | Nothing, if that is meant.
BS562 | A look-up cannot be filled in: no such secret, stack, state or output, or one that no plan may hold. | Correct it.
BS580 | `concurrency` stands in a pipeline whose machine bunsui does not compile, which has no place for the limit. | Remove it.
BS581 | A pipeline with `concurrency` has schedules, which start it past its limit. | Remove one of them.
BS582 | A pipeline starts one with `concurrency` as a part of its own run, past the limit. | Limit the pipeline that starts it.
BS590 | Something that a pipeline refers to does not exist. | Have it made, or correct the name, the account or the region.
BS591 | Whether something that a pipeline refers to exists could not be asked. | Give the permission that the finding names.
BS592 | A role that somebody else makes could not be taken on by its service. | Have it made, or its trust policy changed.
BS593 | A subnet that tasks or functions use is open to the internet. | Name private subnets, unless it is meant.
BS600 | A tag of a pipeline is left to others by `ignore.tags`, or a pattern there fits no tag. | Remove one of them.
BS610 | An alert has a deadline that is none, lacks one, or takes none. | Write `deadline: "06:00"`, or a time such as 90m.
BS611 | An alert waits for an event that no session of the pipeline can have. | Remove it, or take another event.
BS620 | There is no type of channels of that name. | Correct it, or install the package that brings it.
BS621 | A secret stands in clear text in a channel. | Store it, and refer to it: `${ssm:/path}` or `${secret:NAME}`.
BS622 | What a channel says cannot be used by its type. | Correct the place that is named.
BS623 | A channel needs a resident, which the environment lacks. | Write `resident: true`, or use a topic of SNS there.
BS624 | The channels of an environment take more room than the resident has for them. | Write shorter entries.
BS625 | The type of a channel comes from a package that the resident does not hold. | Use a type that comes with bunsui.
BS626 | An alert names no channel, and no route takes the pipeline. | End `alert_routes` with a default, or write `notify:`.
BS627 | No alert comes to a route, since one before it takes all of them. | Put it before that one, the default last.
BS628 | Quiet hours begin and end at the same time of the day. | Write two times, such as "22:00" and "07:00".
BS629 | A channel has quiet hours where no resident holds messages. | Write `resident: true`, or take them away there.
"""
)

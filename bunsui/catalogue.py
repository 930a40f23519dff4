"""Every finding by its code: what it means, and what to do. `bunsui explain` and the reference page are made from it.

BS0xx reading files, BS1xx their shape, BS2xx references, BS3xx expressions, BS4xx machines and limits, BS5xx plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Entry(NamedTuple):
    """One kind of finding."""

    meaning: str
    remedy: str


def _of(rows: str) -> dict[str, Entry]:
    """Read `CODE | meaning | remedy`, one a line."""
    parts = ([cell.strip() for cell in row.split(" | ")] for row in rows.strip().splitlines())
    return {code: Entry(meaning, remedy) for code, meaning, remedy in parts}


FINDINGS: Mapping[str, Entry] = _of(
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
BS214 | A substitution has no placeholder in the definition. | Remove it, or correct its name.
BS215 | Something about an environment of the project file is wrong. | Correct bunsui.yaml.
BS216 | A schedule gives no value for a parameter without a default. | Give one in `input:`, or give the parameter a default.
BS217 | There is no pipeline file. | Add one, or correct `pipelines:` in bunsui.yaml.
BS218 | Two tests have one name. | Rename one.
BS219 | Tests belong to no pipeline. | Name the pipeline.
BS220 | `moved` does not fit the other files. | Name what the pipeline was called, once, and remove the old file.
BS271 | A function, machine or task definition is not pinned to a version. | Name a version or an alias.
BS272 | A function's own timeout is longer than its operation's. | Raise the operation's timeout.
BS273 | The value of a secret would stay in the history of every session. | Let the task read it with its own role.
BS274 | A lost task token would be noticed only when the timeout passes. | Add a heartbeat.
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
BS401 | A raw definition is no state machine. | See the validator's code in brackets.
BS402 | StartAt names no state. | Correct it.
BS403 | A state leads nowhere. | Correct its Next.
BS404 | A state is never reached. | Remove it, or lead to it.
BS405 | A state's name or type is wrong. | Correct it.
BS406 | A state neither goes on nor ends, or nothing ends the machine. | Add Next or End.
BS407 | The permissions that a raw definition needs cannot be derived. | Check that the role has them.
BS409 | The validator found something else in a raw definition. | See its code in brackets.
BS421 | A pipeline has no jobs, or a job no operations. | Add one.
BS422 | Jobs depend on each other in a ring. | Remove one of the dependencies.
BS423 | The definition is larger than Step Functions takes. | Move a part into another pipeline.
BS424 | One execution may write more events than Step Functions allows. | Lower `max_items`, or use `mode: distributed`.
BS425 | A `foreach` has more items than `max_items`. | Raise it, or give fewer items.
BS426 | A state's name is too long or used twice. | Rename the job or the operation.
BS427 | The results of a `foreach` may not fit into what a state can give. | Lower `max_items`, or write results elsewhere.
BS428 | An express pipeline cannot do this. | Remove `type: express`.
BS429 | Step Functions would refuse the compiled machine. | See the validator's code in brackets.
BS440 | `lifecycle.ignore` names nothing that exists. | Correct the name.
BS501 | A removal takes executions with their history, or logs, with it. | Make sure that nobody needs them.
BS502 | A role may do more than before. | Review what is newly allowed.
BS503 | Somebody's change outside bunsui is about to be undone. | To keep it, write it into the YAML.
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
"""
)

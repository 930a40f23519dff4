"""What the work of an operation writes as its result, to an address in the environment's bucket that it is told.

`file`: JSON of at most 200 KiB, which a state after the work loads into `$result`. `s3`: anything of any size; only its
address, ETag and size travel. Each try has an address of its own: what an earlier one wrote is never taken for its result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Parallel, Retrier, State, Task, code
from bunsui.model.bucket import Bucket, bucket_in
from bunsui.model.failures import RESULT_UNFIT
from bunsui.model.json import Json
from bunsui.operations.contract import EmitContext, Emitted, Permission, ServiceCall
from bunsui.operations.integrations.arns import integration
from bunsui.operations.integrations.bucket import reading

ResultForm = Literal["file", "s3"]
RESULT_URI = "BUNSUI_RESULT_URI"
"""What tells the address: an environment variable, or an argument of that name."""
LARGEST_FILE = 200 * 1024
WRITTEN_FIELDS = frozenset({"uri", "etag", "bytes"})
READING_SECONDS = 60
RESULT_HINTS: Mapping[str, str] = {
    "S3.NoSuchKeyException": f"The work ended without writing its result to the address in {RESULT_URI}.",
    "S3.S3Exception": f"What the work was to write to the address in {RESULT_URI} is not there, or the machine's role may not "
    "read it: S3 tells no difference.",
    RESULT_UNFIT: "The work wrote something else than a JSON object of at most 200 KiB. With `result: s3` only the address of "
    "what it wrote is handed on.",
}
_CONTEXT = "$states.context"
_RETRY = Retrier(errors=("States.Timeout", "S3.SdkClientException"), interval_seconds=2, max_attempts=3, full_jitter=True)


def result_uri(context: EmitContext) -> str:
    """Return JSONata for the address that a try of the operation is told."""
    return f"{string_literal(f's3://{_bucket(context).name}/')} & {result_key(context)}"


def with_written_result(started: Emitted, form: ResultForm, context: EmitContext, *, result: str, key: str = "") -> Emitted:
    """Return the states of an operation of one state, with one after it that takes what the work wrote. `result` is JSONata for
    what the service itself tells, `key` for where the work wrote, where that is not `result_key` of the state itself."""
    (first,) = started.values()
    assert isinstance(first, (Task, Parallel)), "the work is done by a Task, or by one inside of a Parallel"
    bucket, taking, variable = _bucket(context), context.sub("result"), _variable_of(context.state)
    told = f"{{'own': {result}, 'key': {key or result_key(context)}}}"
    done = replace(first, output=code("$states.input"), assign={variable: code(told)}, next=taking)
    taken = Task(
        resource=integration(context.scope, f"aws-sdk:s3:{'getObject' if form == 'file' else 'headObject'}"),
        arguments={"Bucket": bucket.name, "ExpectedBucketOwner": bucket.owner, "Key": code(f"${variable}.key")},
        output=context.output(_load_result(variable) if form == "file" else _tell_address(variable, bucket)),
        retry=(_RETRY,),
        catch=context.catch,
        timeout_seconds=READING_SECONDS,
        next=context.next,
        comment="Takes what the work wrote",
    )
    states: dict[str, State] = {context.state: done, taking: taken}
    return states


def written_permissions(context: EmitContext) -> tuple[Permission, ...]:
    """Return what the machine's role needs to take what the work wrote."""
    bucket = _bucket(context)
    return reading(bucket, bucket.results_prefix(context.pipeline))


def written_answer(result: Json, call: ServiceCall, *, own: Sequence[str]) -> Json:
    """Return what S3 answers in a test for a result as it tells it; `own` are the fields of the service itself."""
    told = result if isinstance(result, Mapping) else {}
    if call.resource.endswith("headObject"):
        return {"ETag": told.get("etag") or '"0"', "ContentLength": told.get("bytes") or 0}
    import json  # deferred: only tests of pipelines need it

    body = json.dumps({name: value for name, value in told.items() if name not in own}, ensure_ascii=False)
    return {"Body": body, "ContentLength": len(body.encode()), "ETag": '"0"'}


def _bucket(context: EmitContext) -> Bucket:
    bucket = bucket_in(context.scope)
    assert bucket is not None, "an environment without a bucket is a finding, and is not compiled"
    return bucket


def result_key(context: EmitContext) -> str:
    """Return JSONata for the key of a try of the Task in which it is evaluated. A state may be entered again, by a poll, a
    redrive or the next item, and tried again."""
    prefix = f"{_bucket(context).results_prefix(context.pipeline)}"
    item = f"($exists({_CONTEXT}.Map.Item.Index) ? '-' & $string({_CONTEXT}.Map.Item.Index) : '')"
    entered = f"$replace({_CONTEXT}.State.EnteredTime, ':', '')"
    retries = f"$string({_CONTEXT}.State.RetryCount)"
    name = string_literal(f"/{context.state}-")
    return f"{string_literal(prefix)} & {_CONTEXT}.Execution.Name & {name} & {entered} & {item} & '-' & {retries} & '.json'"


def _variable_of(state: str) -> str:
    """Return the variable that holds what the service told until the result is taken; no other state has it."""
    return "written_" + "".join(part if part.isalnum() and part.isascii() else f"_{ord(part):x}_" for part in state)[:70]


def _load_result(variable: str) -> str:
    size = "$states.result.ContentLength"
    large = f"'{RESULT_UNFIT}: the result has ' & $string({size}) & ' bytes, and at most {LARGEST_FILE} are loaded'"
    other = f"'{RESULT_UNFIT}: the result that was written is no JSON object but ' & $type($written)"
    merged = f"$type($written) = 'object' ? $merge([$written, ${variable}.own]) : $error({other})"
    return f"({size} > {LARGEST_FILE} ? $error({large}) : ($written := $parse($states.result.Body); {merged}))"


def _tell_address(variable: str, bucket: Bucket) -> str:
    uri = f"{string_literal(f's3://{bucket.name}/')} & ${variable}.key"
    fields = f"{{'uri': {uri}, 'etag': $states.result.ETag, 'bytes': $states.result.ContentLength}}"
    return f"$merge([${variable}.own, {fields}])"

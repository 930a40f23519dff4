"""What is to be said of operations whose work writes its result itself: where to, and what its role must be allowed."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.compile.context import CompilerSettings
from bunsui.compile.resources import all_operations
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.bucket import bucket_in
from bunsui.model.pipeline import Pipeline


def written_result_findings(pipeline: Pipeline, setting: CompilerSettings) -> Iterator[Diagnostic]:
    """Find operations that would write where there is no bucket; tell of the others which right their work needs."""
    bucket = bucket_in(setting.scope)
    for job, operation in all_operations(pipeline, setting):
        if not setting.registry[operation.type].writes_result(operation.params):
            continue
        work, place = f"the work of {job.name}.{operation.id}", setting.scope.environment
        if bucket is None:
            yield Diagnostic(
                code="BS430",
                severity=Severity.ERROR,
                summary=f"{work} writes its result to a bucket, and {place} has none",
                position=operation.position,
                hint=f"Write `bucket: managed`, or the name of one, under environments.{place} of bunsui.yaml.",
            )
            continue
        target = bucket.objects_arn(bucket.results_prefix(pipeline.name))
        more = f", and kms:GenerateDataKey on {bucket.kms_key}" if bucket.kms_key else ""
        yield Diagnostic(
            code="BS431",
            severity=Severity.INFO,
            summary=f"{work} writes its result: its own role must allow s3:PutObject on {target}{more}",
            position=operation.position,
        )

"""Whether the jobs that tests name exist, as well as the outputs that they expect."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Pipeline, leaf_jobs


def check_expectations(document: Document, pipeline: Pipeline) -> Iterator[Diagnostic]:
    """Return the findings about the tests of a document that belong to the pipeline; none for a raw one, whose states and
    output are its own."""
    tests = document.data.get("tests") if isinstance(document.data, Mapping) else None
    if pipeline.is_raw or not pipeline.jobs:
        return
    for index, entry in enumerate(tests if isinstance(tests, list) else ()):
        expect = entry.get("expect") if isinstance(entry, Mapping) else None
        if not isinstance(expect, Mapping):
            continue
        path: Path = ("tests", index, "expect")
        yield from _jobs(document, pipeline, expect, path)
        output = expect.get("output")
        for name, value in output.items() if isinstance(output, Mapping) else ():
            yield from _output(document, pipeline, str(name), value, (*path, "output", name))


def _jobs(document: Document, pipeline: Pipeline, expect: Mapping[str, Json], path: Path) -> Iterator[Diagnostic]:
    """The jobs that `path` and `jobs` name."""
    known = [job.name for job in pipeline.jobs]
    way, ends = expect.get("path"), expect.get("jobs")
    named = [(str(name), (*path, "path", at), False) for at, name in enumerate(way if isinstance(way, list) else ())]
    named += [(str(name), (*path, "jobs", name), True) for name in (ends if isinstance(ends, Mapping) else ())]
    for name, at, on_key in named:
        if name not in known:
            yield document.finding("BS276", f"the pipeline has no job {name}", at, on_key=on_key, hint=_which(name, known))


def _output(document: Document, pipeline: Pipeline, name: str, value: Json, path: Path) -> Iterator[Diagnostic]:
    """One key of the expected output: the outputs of a last job."""
    jobs = {job.name: job for job in pipeline.jobs}
    last = leaf_jobs(pipeline.jobs)
    if name not in last:
        summary, hint = _tell_no_last_job(jobs, last, name)
        yield document.finding("BS276", summary, path, on_key=True, hint=hint)
        return
    job = jobs[name]
    given = [output for output in job.outputs if not (output in job.output_rules and job.output_rules[output].sensitive)]
    for output in value if isinstance(value, Mapping) else ():
        if output in given:
            continue
        if output in job.outputs:
            summary, hint = f"the output {output} of {name} is sensitive, and no part of a session's output", "Leave it out."
        else:
            summary = f"{name} declares no output {output}"
            hint = _which(output, given) if given else f"Add it to outputs: of {name}."
        yield document.finding("BS276", summary, (*path, output), on_key=True, hint=hint)


def _tell_no_last_job(jobs: Mapping[str, Job], last: tuple[str, ...], name: str) -> tuple[str, str]:
    """Return what is wrong with a name that is no last job's, and what can be named."""
    shown = ", ".join(last)
    if name in jobs and jobs[name].closing is not None:
        return f"{name} runs at the end and gives no output", f"How it ended is under jobs: {{{name}: succeeded}}."
    if name in jobs:
        hint = f"Expect the outputs of {shown}, or how {name} ended: jobs: {{{name}: succeeded}}."
        return f"the output of a session holds the outputs of its last jobs, and others depend on {name}", hint
    owners = [job for job in last if name in jobs[job].outputs]
    if owners:
        return f"{name} is an output of {owners[0]}, and the session's output has the job around it", (
            f"Write output: {{{owners[0]}: {{{name}: …}}}}."
        )
    job = name.split(".")[0]
    if job in last and job != name:
        return f"{name} is an operation, and the output of a session holds those of jobs", f"Write output: {{{job}: …}}."
    hint = _near(name, list(last)) or f"There can be {shown}, each with its declared outputs."
    return f"the output of the session has no {name}", hint


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else ""


def _which(name: str, known: list[str]) -> str:
    return _near(name, known) or f"There are {', '.join(known)}."

"""`bunsui import --as jobs`: pipelines whose definition can be said in jobs, once they are the project's."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.cli.options import Globals
from bunsui.command_line import command_line
from bunsui.composition import workspace as bootstrap
from bunsui.services.adoption.lifting.machines import PipelineLift, lift_pipelines
from bunsui.services.adoption.new_files import remove_new_file, replace_file
from bunsui.view.adoption.lifted import pipeline_lift_lines


def say_in_jobs(options: Globals, pipelines: Sequence[str]) -> tuple[PipelineLift, ...] | None:
    """Show what the files would be, ask, and write those that behave alike. AWS stays as it is: an apply would change it. None
    where the answer was no."""
    output = options.output
    workspace = bootstrap.Workspace(options)
    lifts = lift_pipelines(workspace.repository, pipelines)
    if not output.as_json:
        output.lines(pipeline_lift_lines(lifts))
    ready = [one for one in lifts if one.attempt.content is not None]
    if ready and not (options.assume_yes or output.confirm("Write these files?", flag="--yes")):
        output.say("the definitions stay as they are")
        return None
    for one in ready:
        _write(workspace, one)
    if not lifts:
        output.say("nothing is to be said in jobs: there is no definition left")
    if ready:
        output.next_step(command_line("plan", *(one.pipeline for one in ready)), "what an apply would change; read it first")
    return lifts


def _write(workspace: bootstrap.Workspace, one: PipelineLift) -> None:
    """Write the pipeline's file first: until then the definition is needed, afterwards nothing names it."""
    root = workspace.settings.root
    assert one.attempt.content is not None, "it has jobs"
    replace_file(root, one.path, one.before, one.attempt.content)
    if one.removes_definition:
        remove_new_file(root, one.definition)

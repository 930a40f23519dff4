"""A job that is renamed or removed takes along what refers to it."""

from __future__ import annotations

from bunsui.document.edit.editing import EditedText, edit_text
from bunsui.document.edit.read_text import read_text
from bunsui.document.form.job_names import remove_job, rename_job

TEXT = """\
version: 1
name: p
recover: [{strategy: restart-from, job: load}]
jobs:
  load:  # the first
    type: lambda
    function: f
  load2:
    depends_on: load
    type: check
    that: "{% $jobs.load.n > 0 and $jobs.load2.n = $status.load %}"  # load stays here
  end:
    depends_on: [load2, load]
    type: wait
    for: 1s
finally:
  tell: {depends_on: [load], type: wait, for: "{% $errors.load.n %}"}
tests:
  - name: load is a word here
    mocks: {load: {return: {}}, load.first: {return: {}}, load2: {return: {}}}
    expect: {path: [load, load2], jobs: {load: succeeded}, output: {end: {load: 1}}}
"""


def test_every_reference_has_the_new_name() -> None:
    result = edit_text("p.yaml", TEXT.encode(), rename_job(read_text("p.yaml", TEXT.encode()).data, ("jobs", "load"), "get-it"))
    assert isinstance(result, EditedText)
    assert result.content.decode() == (
        TEXT.replace("  load:  #", "  get-it:  #")
        .replace("depends_on: load\n", "depends_on: get-it\n")
        .replace("job: load}", "job: get-it}")
        .replace(
            "$jobs.load.n > 0 and $jobs.load2.n = $status.load %", "$jobs.`get-it`.n > 0 and $jobs.load2.n = $status.`get-it` %"
        )
        .replace("[load2, load]", "[load2, get-it]")
        .replace("depends_on: [load], type", "depends_on: [get-it], type")
        .replace("$errors.load.n", "$errors.`get-it`.n")
        .replace("{load: {return: {}}, load.first:", "{get-it: {return: {}}, get-it.first:")
        .replace("path: [load, load2], jobs: {load:", "path: [get-it, load2], jobs: {get-it:")
    )


def test_a_job_that_is_removed_is_waited_for_by_nobody() -> None:
    result = edit_text("p.yaml", TEXT.encode(), remove_job(read_text("p.yaml", TEXT.encode()).data, ("jobs", "load")))
    assert isinstance(result, EditedText)
    assert result.removed_comments == ("# the first",)
    assert result.content.decode() == (
        TEXT.replace("  load:  # the first\n    type: lambda\n    function: f\n", "")
        .replace("    depends_on: load\n", "")
        .replace("[load2, load]", "[load2]")
        .replace("depends_on: [load], type", "type")
    )

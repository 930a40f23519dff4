"""Drafts of a project's files: kept, checked, tried, written.

In: a `Repository`, the project's folder, a `Draft`. Out: findings, previews, and files. Called by the faces.

How a face edits a pipeline:

    kept = find_draft(root, "pipelines/orders.yaml")   # one that was left, with its age; `is_stale`: `Draft.rebase(kept.now)`
    draft = kept.draft if kept else draft_of(file, content_of(root, file))
    outcome = draft.edit(SetValue(path=("jobs", "load", "timeout"), value="90s"), "load: 90s")    # Draft | EditRefusal
    draft = draft.rewrite(bytes_from_the_editor)       # free text; undo(), redo()
    keep_draft(root, draft, now)                       # beside the file, never over it
    checked = check_draft(repository, draft)           # findings in the draft and elsewhere
    fixes = fixes_of(repository, draft, finding)       # tried: each has words, and the draft after it (`fixing`)
    diff = draft.diff()                                # show diff.lines, then
    write_draft(root, draft, digest=diff.digest)       # only who was shown the diff has the digest
    commit_files(root, [draft.file], message=…, branch=…)    # of `bunsui.checkout.draft_commit`, where it is wanted

Before it is written: `draft_graph`, `plan_draft`, `simulate_draft`, `run_draft_tests` (`trying`). A pipeline that is not there
yet: `new_pipeline(root, name, template=…)`, also for an empty folder; `write_new`. What somebody changed in AWS, kept in the
file: `keep_outside(repository, root, change)` (`outside`). `Draft` and edits stand in `bunsui.document.edit`, forms in
`bunsui.document.form`.

Rule: a file of the project changes in `write_draft` alone, and only by what was shown.
"""

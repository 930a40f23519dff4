"""What is deployed of a pipeline, moved by hand: history, rollback, release.

In: `ReconcilePorts`, a pipeline's name. Out: values that `bunsui.view` shows. Called by the faces.

Rule: looks first and returns a value that a face shows; only then, asked again with that value, something is moved, under the
lock. No file of the repository is read.
"""

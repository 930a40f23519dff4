"""Dialogs by which the Builder edits a draft: values of fields, jobs, how a draft begins.

In: what the cursor is on. Out: edits that the desk makes. Called by the screens `drafting` and `builder`.

Rule: asks, and never holds the draft itself.
"""

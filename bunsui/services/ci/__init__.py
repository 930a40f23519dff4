"""What CI does for plans: keep the one comment of each true in its pull request, and find at the merge what was reviewed.

In: a `Forge`, the text of a comment, which project and environment it is about. Out: what became of the comment, or the digest
that may be applied. Called by `bunsui ci`.

Rule: nothing that stands in a comment is believed unless our own account wrote it, at its very beginning.
"""

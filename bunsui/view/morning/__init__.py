"""The morning page as people read it: what went wrong first, one command each.

In: a `Morning`. Out: lines, commands. Called by both faces, and by the document of `--json`.

Rule: pure; what nobody looked at is told as that.
"""

"""Comparisons of what the files compile to, for two environments or at two revisions.

In: repositories that were opened without an account. Out: a plan with a basis. Called by `bunsui diff`.

Rule: no call to AWS, nothing of a checkout is run, and what comes out can never be applied.
"""

"""Tests of pipelines: compiled machines on the virtual clock, tests made of what ran, scaffolds.

In: a repository, or a definition. Out: verdicts with their facts. Called by `bunsui test` and `bunsui simulate`.

Rule: no AWS.
"""

"""Findings about what proves a deployment: the smoke run after an apply.

In: a plan. Out: diagnostics. Called by `bunsui.plan.checks`.

Rule: as in `bunsui.plan.checks`.
"""

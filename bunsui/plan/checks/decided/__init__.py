"""Findings about what operators decided by hand: a hold, a pause.

In: a plan. Out: diagnostics. Called by `bunsui.plan.checks`.

Rule: as in `bunsui.plan.checks`.
"""

"""Findings about whose a resource is.

In: a plan. Out: diagnostics. Called by `bunsui.plan.checks`.

Rule: as `bunsui.plan.checks`.
"""

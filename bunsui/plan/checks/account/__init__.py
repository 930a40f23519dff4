"""Findings that need to know what lies in the account beside what bunsui makes.

In: a plan with what was looked up (`bunsui.refresh`). Out: diagnostics. Called by `bunsui.plan.checks`.

Rule: what nobody could tell is no finding here, and decides nothing.
"""

"""A plan as people read it: text, markdown, the tree of the terminal UI.

In: a `Plan`. Out: a `PlanView`, and lines and markdown of it. Called by both faces.

Rule: values that must not be shown are redacted before they come here.
"""

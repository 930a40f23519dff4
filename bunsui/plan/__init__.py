"""Differences to a plan: actions with their reasons, order, risks, findings.

In: desired, actual and applied resources, and facts that were looked up. Out: a `Plan`. Called by `bunsui.services.plan`;
`build.build_plan` is the door.

Rule: a plan is a value; nothing here has effects.
"""

"""A plan to effects, through ports.

In: a `Plan` and `Effects` (providers, state, packager, clock, lease). Out: `ApplyEvent`s as they happen, and state rows written
after each change. Called by `bunsui.services.apply`; `executor.execute` is the door.

Rule: interprets a plan, decides nothing that the plan did not say.
"""

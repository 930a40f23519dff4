"""What roles keep for sessions that are older than what is wanted: their trust, their permissions.

In: wanted roles, what was applied. Out: the roles as they are written now. Called by `bunsui.plan.build`, `bunsui.refresh`.

Rule: what is kept is said in the plan, with the sessions for which it is.
"""

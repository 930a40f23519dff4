"""What a session's executions went through, told from what is kept of them.

In: histories, as `bunsui.sessions.trace` reads them, or rows. Out: values for faces: `operation_runs` tells the calls of a
job's operations, `reader` reads histories once. Called by `bunsui.services.history` and `bunsui.sessions.observer`.

Rule: nothing is hidden here. Who shows a value hides what of it is sensitive.
"""

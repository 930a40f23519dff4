"""What the work of a session logged, nothing of anybody else's: Lambda by request id, ECS by task.

In: histories and `LogReader`. Out: `TaskLogs`. `calls` reads from a history what was called, `called_work` adds items and child
executions, `invocations` tells whose a stream's lines are, `task_logs` reads them. Called by `services/logs.py` and `explain`.

Rule: a line whose owner cannot be known for sure is counted and never shown.
"""

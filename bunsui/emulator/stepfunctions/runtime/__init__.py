"""What runs: executions on one event loop, each in its own virtual time.

In: starts, stops, redrives, reports of tasks. Out: journal entries, records kept current, events published. Called by `api` and
the timers.

Rule: one thread touches executions.
"""

"""Running pipelines: starting, progress from history, checkpoints, error analysis, resuming.

In: `SessionPorts` and a machine's shape. Out: sessions, progress, causes. Called by `bunsui.services`; `manager` starts and
resumes.

Rule: ports in, values out.
"""

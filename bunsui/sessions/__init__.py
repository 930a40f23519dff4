"""Running pipelines: starting, progress from history, checkpoints, error analysis, resuming.

Rule: ports in, values out.
"""

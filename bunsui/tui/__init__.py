"""The terminal UI.

In: a `Workspace`. Out: a screen. Called by `bunsui tui`; `app` is the door, `bridge` calls services.

Rule: widgets take view-models and emit messages; only work_threads.py has threads, and only bridge.py begins work.
"""

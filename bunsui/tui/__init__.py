"""The terminal UI.

In: a `Workspace`. Out: a screen. Called by `bunsui tui`; `app` is the door, `feed` reads what is looked at, `bridge` begins
what changes something.

Rule: widgets take view-models and emit messages; only work_threads.py has threads, and only `feed` and bridge.py begin work.
"""

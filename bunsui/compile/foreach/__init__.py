"""Jobs with `foreach` as states: inline and distributed Maps, and the items that an earlier attempt finished.

In: the plan of a job. Out: its states. Called by `bunsui.compile.machine`; `bunsui.sessions` asks whether items may be kept.

Rule: what an item's operations see is the same, wherever it runs and whichever attempt runs it.
"""

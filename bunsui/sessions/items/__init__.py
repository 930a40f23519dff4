"""Items of a foreach as checkpoints: which ones an attempt finished, which of them the next one keeps.

In: the history of the newest attempt, and what is decided about its jobs. Out: an `ItemPlan` for each job that runs.
Called by `bunsui.sessions.checkpoints`, and where progress counts items.

Rule: the compiled Map and this package know the same of kept items by `bunsui.compile.foreach.kept`.
"""

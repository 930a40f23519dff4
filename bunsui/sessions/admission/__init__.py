"""How many sessions of a pipeline run at a time: who holds a slot, who waits for one.

In: who wants to start an execution, the pipeline's limit. Out: a slot that is held, or why there is none. `pool` is pure,
`line` waits. Called by `bunsui.sessions.starts.starting`.

Rule: an execution of a pipeline with a limit is started by bunsui only for who holds a slot.
"""

"""Distributed Map: where items come from, how they are grouped, what runs them, where results go.

In: a reader's fields and `Objects`. Out: items, batches, a `MapRun`, results or their manifest. Called by
`bunsui.engine.states.map_distributed`.

Rule: no I/O of its own; objects are read and written through the injected `Objects`.
"""

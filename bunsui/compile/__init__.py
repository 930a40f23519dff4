"""From a pipeline to the resources it wants: series-parallel structure, state machine, policies, schedules.

In: a checked `Pipeline`, the `Scope` it is for and the operation types. Out: a `CompiledPipeline`: definition, findings, and
desired resources with References where a value is known after apply. Called by `bunsui.project.compile` and by what tests a
pipeline; `pipeline.compile_pipeline` is the door.

Rule: pure and deterministic. The same pipeline gives the same bytes in every process; no clock, no timers, no order of sets.
Definitions are built as values of `bunsui.asl.model`, never as loose dicts.

The way: `structure` turns the DAG into a tree of sequences and parallels; `machine` turns the tree into states (`start`,
`jobs`, `items` and `distributed` for a foreach, `emission` and `polling` for operations, `outcomes`, `flow`; `context` is what
operations are handed); `limits` and `events` hold it against what Step Functions takes; `resources`, `policy` and `raw` add
what the machine needs around it.
"""

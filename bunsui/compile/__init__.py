"""From a pipeline to the resources it wants: series-parallel structure, state machine, policies, schedules.

Rule: pure and deterministic. The same pipeline gives the same bytes in every process; no clock, no timers, no order of sets.
Definitions are built as values of `bunsui.asl.model`, never as loose dicts.

The way: `order` reads the DAG; `structure` and its strategies `parts`, `split` and `layering` turn it into a `tree` of
sequences and parallels; `machine` turns the tree into states (`start`, `jobs`, `items` and `distributed` for a foreach,
`polling`, `outcomes`, `flow`; `context` is what operations are handed); `limits` and `events` hold it against what Step
Functions takes; `resources`, `policy` and `raw` add what the machine needs around it. `pipeline.compile_pipeline` is the door.
"""

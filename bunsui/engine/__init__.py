"""Runs a state machine definition: every state type, AWS's errors, retries and history, on an injected clock and task runner.

In: a definition and an input as JSON, a clock, a `TaskRunner`, `Objects`, a seed. Out: an `EngineExecution` with AWS's history.
Called by simulate and test (`run.run`) and by the embedded Step Functions; `runtime` is what its parts know of it.

Rule: pure. No I/O, no clock, no random number of its own; the same seed gives the same execution.
"""

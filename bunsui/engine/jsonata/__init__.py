"""JSONata states: expressions evaluated as Step Functions does, within its bounds.

In: an expression's text, data, variables, `Sources`. Out: JSON, or an `EvaluationFailure` in AWS's words. Called by
`bunsui.engine.dataflow`; `evaluate` is the door.

Rule: pure functions of data, variables and injected time and chance.
"""

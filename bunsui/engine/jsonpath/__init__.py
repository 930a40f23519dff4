"""JSONPath states: paths, templates, intrinsic functions, choice rules.

In: a field's text or template, data, context. Out: JSON, or a `StateFailure`. Called by `bunsui.engine.dataflow` and the
states.

Rule: pure functions of data, context and injected chance.
"""

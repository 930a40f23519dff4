"""A typed model of a state machine definition: what the compiler emits, printed as readable Amazon States Language.

In: values of `model`, or a definition as JSON. Out: JSON in the order that people read, expressions as syntax trees, findings
of `validation`. Called by the compiler, operation types, the engine and the embedded Step Functions.

Rule: nothing here knows bunsui's pipelines. Sources: states-language.net and the Step Functions developer guide.
"""

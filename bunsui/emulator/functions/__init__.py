"""Lambda functions of the embedded AWS: processes that see what they would see in Lambda.

In: a function's configuration and its archive. Out: a process that answers invocations. Called by
`bunsui.emulator.patches.functions`.

Rule: `worker` and `sandbox` are programs of their own. The function's Python runs them, which is not bunsui's: they import the
standard library alone, in the syntax of the oldest runtime.
"""

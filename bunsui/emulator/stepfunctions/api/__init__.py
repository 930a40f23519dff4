"""The operations of the Step Functions API.

In: a request and its `RequestContext`. Out: an answer, or an `ApiError` as AWS words it. Called by
`bunsui.emulator.stepfunctions.server`, which holds the table of operations.

Rule: what runs is asked of `runtime`; nothing here waits.
"""

"""Operation types, one file each: parameters, schema, ASL, IAM needs, result, logs, error hints, example.

In: an operation's checked parameters and an `EmitContext`. Out: states, permissions, words. Called by document, compile and
sessions through `contract.OperationType`.

Rule: a type knows one service and nothing of pipelines, DAGs or other types. Built-ins and plugins enter by the same door,
`bunsui.operations.registry`.
"""

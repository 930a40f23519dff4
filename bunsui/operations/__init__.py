"""Operation types, one file each: parameters, schema, ASL, IAM needs, result, logs, error hints, example.

Rule: a type knows one service and nothing of pipelines, DAGs or other types. Built-ins and plugins enter by the same door,
`bunsui.operations.registry`.
"""

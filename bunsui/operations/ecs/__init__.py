"""What `ecs_task` says of RunTask: its parameters, the request that they become, and what its exit codes mean.

In: the YAML of an operation. Out: parameters, arguments, states. Called by `bunsui.operations.ecs_task`.

Rule: one service, one call; permissions, hints and test doubles stand beside the type.
"""

"""Who does the work of Task states: services, functions, containers, activities, child executions.

In: an `AssignedTask`. Out: `TaskReport`s, from any thread. Called by `runtime`; `runner.TaskDispatcher` is the door.

Rule: what nobody here can do fails and names the integration; nothing succeeds without having been done.
"""

"""Files to a compiled project, for every use case; no account needed.

In: a `Repository` (files, history, registry). Out: a `CompiledProject`: pipelines, desired resources, findings. Called by
services; `compile` is the door.

Rule: reads the repository, never AWS.
"""

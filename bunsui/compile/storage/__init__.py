"""The environment's bucket as it is compiled: the resource, what is to be said of those that write into it.

In: a scope, a pipeline with its settings. Out: resources, findings. Called by `bunsui.compile.pipeline` and `bunsui.project`.

Rule: whoever reads an object is elsewhere: guards in `bunsui.compile.restoring`, operations in their types.
"""

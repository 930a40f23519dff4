"""The one composition root: settings in, ports out.

In: arguments, environment variables, `bunsui.yaml`. Out: a `Workspace` with every port implemented. Called by the faces alone.

Rule: the only place that knows every implementation.
"""

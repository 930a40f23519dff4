"""What is deployed, in lines: a rollback before and after, a history.

In: values of `bunsui.services.deployments`. Out: lines of spans. Called by the faces.

Rule: nothing is decided here.
"""

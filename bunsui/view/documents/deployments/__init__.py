"""What is deployed of a pipeline, as JSON documents.

In: values of `bunsui.services.deployments`. Out: documents. Called by the commands.

Rule: as in `bunsui.view.documents`.
"""

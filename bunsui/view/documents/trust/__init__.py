"""What is told before anything is trusted, as JSON documents.

In: values of `bunsui.services.doctor`, of `bunsui.services.verify`. Out: documents. Called by the commands.

Rule: as in `bunsui.view.documents`.
"""

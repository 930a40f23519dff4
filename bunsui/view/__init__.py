"""What to show, pure: view-models and their renderings as plain text, markdown and JSON, and `safe()`.

In: outcomes of services. Out: lines of spans, markdown, versioned JSON documents. Called by both faces.

Rule: no rich, textual, typer or boto3 here. Everything that came from outside passes `safe()` on its way into a view-model.
"""

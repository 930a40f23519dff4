"""A draft of a pipeline as the builder shows it: its jobs, its graph, its text with colours, what is wrong where.

In: drafts, findings, forms. Out: `DraftPage` and lines. Called by the terminal UI.

Rule: pure. What is not written is called a draft.
"""

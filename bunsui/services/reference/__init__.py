"""The reference pages, written from what they describe: the models of the files, and the operation types.

In: schemas and types. Out: pages in Markdown. Called by the scripts that write `docs/reference` and `docs/operations`, and by
the page of commands.

Rule: a page says nothing that its source does not say.
"""

"""Writes files of the language in one style: keys in the schema's order, two spaces, short forms.

In: the text of a file and the operation types. Out: its text in that style, or why it stays.
Called by `bunsui.services.rewriting.formatting`.

Rule: what a text says is never changed: the result is read again and compared before it is given.
"""

"""Drafts as the builder works on them: the one who edits, checks and writes them, and what it says.

In: what the screen asks for. Out: messages of `messages`. Called by the Builder screen, as `bridge.desk`.

Rule: everything happens in threads, edits one after the other in the order in which they were asked; a file of the project
changes only by the digest of a diff that was shown.
"""

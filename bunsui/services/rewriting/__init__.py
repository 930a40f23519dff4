"""Writes the project's files anew: in one style, and for today's meaning of the language.

In: the bytes of files. Out: the bytes that they are to have, and what is told of each; nothing is written here.
Called by the commands `fmt` and `upgrade`.

Rule: what cannot be rewritten without losing something stays as it is.
"""

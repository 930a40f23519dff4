"""Rewrites pipeline files that were written for an earlier meaning of the language, so that they go on meaning what they did.

In: a document that was read, and its text. Out: the text with single places changed, and what cannot be carried over.
Called by `bunsui.services.rewriting.upgrade`.

Rule: what is changed has the meaning of before, exactly; where that cannot be known, the place is told and stays.
"""

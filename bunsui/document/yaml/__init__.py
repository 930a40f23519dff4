"""YAML text as positioned data: read, and written again.

In: bytes. Out: a `Document` with the place of every node, or located findings; and text for an edited one, comments kept.
Called by all of `bunsui.document`.

Rule: knows nothing of pipelines; whatever the bytes are, the answer is a document or located findings.
"""

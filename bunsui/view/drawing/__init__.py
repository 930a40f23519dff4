"""Directed graphs drawn with characters: where nodes and edges stand, and the lines that show them.

In: names, edges, how wide each node is. Out: a `Placement`, a value; lines of it. Called by both faces;
`shape.place` is the door.

Rule: pure; a placement is made without colours, a picture of one adds nothing to it. What has no place in it is listed.
"""

"""The shapes of the files: the published JSON Schemas, the check against them, its errors in words.

In: positioned data. Out: located findings; and the schemas as they are published. Called by `bunsui.document.load` and `bunsui
schema`.

Rule: what a schema can see, and nothing else.
"""

"""JSON documents as dataclasses: each says once what its members are, and is written, read and described by that.

In: classes made with `part` and `document`, and their values. Out: JSON, values read back from it, JSON Schema. Called by
whatever prints or reads a document of bunsui's own.

Rule: nothing here knows any one document. What a member's type cannot say stands beside it, in the class.
"""

"""What `--json` prints: versioned documents with published schemas.

In: outcomes of services. Out: JSON, and the schema that describes it. Called by the command line.

Rule: a document is one class, whose members say their types and descriptions (`bunsui.codec`): nothing is said of it twice.
"""

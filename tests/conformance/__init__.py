"""Runs recorded cases through the engine: `python -m tests.conformance DIR`."""

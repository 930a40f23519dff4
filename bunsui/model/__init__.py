"""The nouns: pipeline, DAG, resource, session, values and names.

In and out: these values, which every other package makes and takes.

Rule: standard library only, no I/O, no clock, no randomness.
"""

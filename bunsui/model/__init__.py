"""The nouns: pipeline, DAG, resource, session, values and names. Standard library only, no I/O, no clock, no randomness."""

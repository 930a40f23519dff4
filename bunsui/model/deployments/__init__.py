"""What is deployed of a pipeline: its record, what an operator decided about it.

In: nothing. Out: frozen values. Used by every other package.

Rule: values only, as they are stored; nothing here reads or moves an alias.
"""

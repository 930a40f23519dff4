"""Sessions where no files of the project are at hand.

In: what was applied, or machines of an account. Out: a `SessionContext`. Called by the composition.

Rule: nothing is kept and nothing is planned; what cannot be known without files is said.
"""

"""What a function of the repository is, besides its code.

In: what `code:` says of it. Out: refusals, and what its role needs. Called by the type `lambda` and by the
compiler.

Rule: Lambda alone is known here; how a function is packaged or written is said elsewhere.
"""

"""The ports of `bunsui.ports` over dictionaries, for tests: the same promises as the AWS implementations, in no time.

In: what a test wants to be there. Out: ports. Called by tests, those of plugins too; by nothing of the product.

Rule: one port a file; each passes the contract suite that its AWS implementation passes.
"""

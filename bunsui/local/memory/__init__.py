"""The ports of `bunsui.ports` over dictionaries, for tests: the same promises as the AWS implementations, in no time.

One port a file. They pass the contract suites that the AWS implementations pass.
"""

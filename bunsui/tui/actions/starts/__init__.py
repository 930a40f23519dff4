"""What starts something of a pipeline, one way a file: a form is filled in, what would start is shown, then it starts.

In: a pipeline, its form, a `SessionContext`. Out: what would start, in lines, and what became of it. Called by the bridge; the
registry gives keys, menu, help and the read-only rule.

Rule: an action is a value over a service of the command line, and names the command that does the same.
"""

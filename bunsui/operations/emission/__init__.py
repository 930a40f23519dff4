"""What several operation types emit alike: the Task, a failure, conditions, texts.

In: an operation's checked parameters and an `EmitContext`. Out: states, rules, texts. Called by the types.

Rule: nothing here knows which type asks, nor what the service called is.
"""

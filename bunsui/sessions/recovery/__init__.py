"""What is done about sessions that ended badly: which strategy, what of it is kept, which sessions belong together.

In: sessions as their rows have them, and histories where a session goes on. Out: a `RecoveryPlan`, a `ChildResume`. Called by
the services of resuming and recovering.

Rule: decides and reads, starts nothing: the acts are `bunsui.sessions.manager`'s.
"""

"""What is done about sessions that ended badly: which strategy, what of it is kept, which sessions belong together.

In: histories of executions. Out: a `ChildResume`. Called by `services.resume`.

Rule: decides and reads, starts nothing: the acts are `bunsui.sessions.manager`'s.
"""

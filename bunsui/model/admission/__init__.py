"""How many sessions run at a time: limits, who holds a slot, who waits for one.

In: what a pipeline's file says, what a store keeps. Out: values. Called by `bunsui.sessions.admission`, which decides what
becomes of them, by the stores.

Rule: values alone; nobody is asked.
"""

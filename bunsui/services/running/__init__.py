"""Use cases that run many sessions.

In: what somebody asked for, and the context of sessions. Out: a plan first, then steps as they happen. Called by the faces.

Rule: what is done is in the rows, so that each of these can be killed and repeated.
"""

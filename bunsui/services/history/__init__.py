"""What a session went through, for people: its events, and the jobs that it completed.

In: a `SessionContext` and a session. Out: values that `bunsui.view` shows. Called by the faces.

Rule: reads only; what went in and what came out of states stays where it is.
"""

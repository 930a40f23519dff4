"""What people are told of the sessions of an environment, each thing once.

In: rows of sessions, runs that were due, what was told before. Out: messages, stored before they are sent and noted when they
were. Called by `bunsui.resident`, and by `bunsui alerts`.

Rule: what is judged is a function of values and of a clock that is handed in (`occurrences`, `judging`, `wording`); only
`watching` and `delivering` reach for ports.
"""

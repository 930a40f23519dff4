"""What the tabs of the screen of one session show: its tree of jobs, events, logs, ways to go on, attempts side by side.

In: values of services. Out: rows and lines. Called by the terminal UI.

Rule: pure; rows are made one at a time, since a tab may hold a hundred thousand and draws fifty.
"""

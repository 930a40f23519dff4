"""What AWS keeps of gates: rows, task tokens, the answers to tasks that wait.

In: a connection, gates as machines write them. Out: rows, task tokens, answers, what IAM must allow. Called by
`bunsui.composition`.

Rule: a task token goes to Step Functions, and into no error, log or text.
"""

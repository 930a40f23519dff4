"""What acts when nobody looks: a small Lambda function in the environment's own account.

In: an event of Step Functions, or the beat of a schedule, handed on by a machine of the environment
(`bunsui.compile.environment.resident`). Out: rows of sessions, as every command writes them, and one line of log. Called by
Lambda; nothing else in bunsui calls it.

Rule: the same services as the command line's, wired for Lambda. It imports nothing that its package does not bring: no command
line, no terminal, no emulator; a contract holds that.
"""

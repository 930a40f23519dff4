"""Runs a state machine definition: every state type, AWS's errors, retries and history, on an injected clock and task runner.

Rule: pure. No I/O, no clock, no random number of its own; the same seed gives the same execution.
"""

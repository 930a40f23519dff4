"""The embedded AWS as a child process, and in-memory edges for tests.

Rule: binds to loopback only, starts with a scrubbed environment, stops with what started it.
"""

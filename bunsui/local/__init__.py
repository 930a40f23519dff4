"""The embedded AWS as a child process, and in-memory edges for tests.

Rule: it listens on loopback only, starts with a scrubbed environment, writes inside its data folder only, and needs neither
docker nor a network. It outlives the command that started it, so that schedules fire and sessions go on, until
`bunsui local stop`, until nobody asked it anything for a while, or until its data folder is gone.
"""

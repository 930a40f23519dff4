"""The embedded AWS as a child process.

In: a data folder. Out: an endpoint with keys. Called by `bunsui local` and by whatever uses the environment `local`; `launcher`
is the parent's half, `server` the child's.

Rule: it listens on loopback only, starts with a scrubbed environment, writes inside its data folder only, and needs neither
docker nor a network. It outlives the command that started it, so that schedules fire and sessions go on, until `bunsui local
stop`, until nobody asked it anything for a while, or until its data folder is gone.
"""

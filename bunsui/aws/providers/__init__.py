"""One file for each resource kind, the effects half of `bunsui.kinds`: bulk reads, writes, the grants for both.

In: resolved resources of one kind. Out: actual resources with their outputs and revision. Called as `ports.cloud.Provider` by
refresh and apply; `registry` is the list.

Rule: a provider writes what it is told and decides nothing; what it owns, tags say.
"""

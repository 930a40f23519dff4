"""YAML text to pipelines: safe intake with positions, schema, cross-checks, interpolation, lowering; and edits back.

In: the bytes of files through the port `Source`. Out: pipelines, tests, the project's settings, and located findings. Called by
`bunsui.project`; `load` and `project` are the doors.

Rule: no AWS, no clock, no files of its own; user mistakes come back as diagnostics, never as exceptions.
"""

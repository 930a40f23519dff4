"""Pipelines to desired resources: series-parallel structure, ASL, IAM policies, schedules.

Rule: pure and deterministic; the same pipeline gives the same bytes in every process.
"""

"""YAML text to pipelines and back: safe intake with positions, schema, cross-checks, interpolation, lowering.

Rule: no AWS, no clock; user mistakes come back as diagnostics, never as exceptions.
"""

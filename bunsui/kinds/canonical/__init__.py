"""Canonical forms: one form and one fingerprint for all values that mean the same, for JSON, IAM policies and definitions.

In: attributes as somebody wrote them or a service answered them. Out: forms that are equal when they mean the same. Called by
kinds, and by diff, plan and providers.

Rule: what a service reads as the same has one form here; a difference of forms is a difference of meaning.
"""

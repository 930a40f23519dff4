"""Differences to a plan: actions with their reasons, order, risks, findings.

Rule: a plan is a value; nothing here has effects.
"""

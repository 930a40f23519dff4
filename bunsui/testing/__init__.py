"""Judges runs on a virtual clock: what tasks answer in tests, what came out against what was expected, and what was covered.

Rule: pure. Runs nothing and reads nothing: services hand in the run, views show the verdict.
"""

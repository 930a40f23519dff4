"""Judges runs on a virtual clock: what tasks answer in tests, what came out against what was expected, and what was covered.

In: a finished run and its expectations. Out: a verdict. Called by `bunsui.services.testing`.

Rule: pure. Runs nothing and reads nothing: services hand in the run, views show the verdict.
"""

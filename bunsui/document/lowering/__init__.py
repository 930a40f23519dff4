"""Checked data to the model: pipelines, operations, tests.

In: positioned data without errors. Out: values of `bunsui.model`. Called by `bunsui.document.load`; `pipeline.lower` is the
door.

Rule: what is read here was checked before; what still cannot be read is a finding.
"""

"""Distributed Map: where items come from, how they are grouped, what runs them, where results go.

Rule: no I/O of its own; objects are read and written through the injected `Objects`.
"""

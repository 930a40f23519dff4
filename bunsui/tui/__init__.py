"""The terminal UI.

Rule: widgets take view-models and emit messages; only bridge.py has workers.
"""

"""Damaged definitions and inputs: whatever they look like, they are refused or they run to an end."""

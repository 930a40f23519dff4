"""A plan to effects, through ports.

Rule: interprets a plan, decides nothing that the plan did not say.
"""

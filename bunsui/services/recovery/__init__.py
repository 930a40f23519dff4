"""Recovering many sessions: planned, saved, carried out.

In: a `SessionContext`, a filter or a saved plan. Out: a `RecoveryPlan`, and what became of each of its sessions. Called by the
faces.

Rule: planning starts nothing and reads no history; carrying out touches only sessions that stand as they were planned.
"""

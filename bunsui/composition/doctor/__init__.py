"""Collect what `bunsui doctor` judges: each fact by itself, whatever else cannot be read.

In: the global options, the environment. Out: all checks of `bunsui.services.doctor`. Called by the command.

Rule: nothing of the checkout is executed or imported, nothing is started, nothing is made. A failure is a fact.
"""

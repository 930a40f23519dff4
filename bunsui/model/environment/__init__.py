"""What an environment has for itself, beside pipelines.

In: what the project file says of it. Out: values, and what follows from them. Called by whoever plans, applies or looks.

Rule: values and pure functions; nobody is asked.
"""

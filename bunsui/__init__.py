"""bunsui: GitOps for AWS data pipelines.

The main path is `bunsui.services.plan`: documents become pipelines, pipelines become desired resources, desired, actual and
applied become a plan, and `bunsui.services.apply.admission` makes the plan so. Everything else serves that path.
"""

__version__ = "0.1.0"

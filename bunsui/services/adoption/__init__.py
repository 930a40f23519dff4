"""Take over machines that others made, a pipeline each: proved by an empty plan, or given back.

In: a repository, reconcile ports, a catalogue of machines. Out: an `ImportPlan`, then what became of each machine. Called by
the command line.

Rule: nothing is written before the plan was shown, and a machine of which the next plan is not empty is given back.
"""

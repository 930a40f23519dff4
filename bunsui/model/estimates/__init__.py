"""What is estimated: how long jobs take, by what was learnt of them, and what a run costs, by list prices.

In: durations that were measured, and what runs used. Out: steps of a scale, sums in USD. Called by the compiler, and by the use
cases that tell of runs.

Rule: values and pure sums; nobody is asked.
"""

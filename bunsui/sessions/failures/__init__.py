"""What kind of failure an error is: who raised it first, its name second.

In: an error as the history has it, `Raised`. Out: a `FailureVerdict`, in words by `advice`. `origins` tells who raised it,
`job_reports` what a service says of a job that it ran, `classes` what kind it is. Called by `explain`.

Rule: pure. An author's own exception is code, whatever its name.
"""

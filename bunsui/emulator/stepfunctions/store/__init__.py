"""What is kept: records by region, the journal, the snapshot on disk.

In: records as they change. Out: the same after a restart. Used by all of the embedded Step Functions.

Rule: values only.
"""

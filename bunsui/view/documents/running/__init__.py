"""What runs, ran or is to run, as JSON documents: sessions, their jobs, events, logs and gates, recoveries, backfills.

In: outcomes of services. Out: documents. Called by the commands.

Rule: as in `bunsui.view.documents`.
"""

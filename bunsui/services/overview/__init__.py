"""What is known of pipelines side by side: their last runs, their next start, and more of one of them.

In: rows of sessions, what a plan compared, the files. Out: values that status and Pipelines screen show. Called by both.

Rule: nothing here starts or changes anything; what is not known is None, and never a guess.
"""

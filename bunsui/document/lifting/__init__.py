"""Says a definition in Amazon States Language as jobs of a pipeline, or where it holds something that no job says.

In: a definition as data, values of its placeholders. Out: jobs as they stand in a pipeline's file, what they read. Called by
`bunsui.services.adoption.lifting`.

Rule: pure; whether the jobs behave as the definition does is shown elsewhere, by running both.
"""

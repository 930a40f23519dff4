"""What AWS refuses of what is written to it, known beforehand: one table for validate, plan and the embedded AWS.

In: values as files and plans hold them. Out: `BrokenConstraint`s, in the words of people and in those of AWS. Called by
`bunsui.document.checks`, `bunsui.plan.checks`, `bunsui.emulator.patches`.

Rule: a constraint stands here once; who reads it only decides where it is shown. What AWS's published models say is held
against them by `tests/unit/kinds/constraints`; the rest names its page.
"""

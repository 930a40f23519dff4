"""The one protocol of an apply: what refuses it, what is left, what must still be asked, the lock, the record.

In: a plan and an `ApplyRequest`. Out: an `Admission`, then apply events. Called by the command line and the terminal UI.

Rule: a face makes an `ApplyRequest` (`request`), shows the `Admission` that it gets (`admission`), hands in answers and has it
carried out; no face decides. Of this folder a face imports `request`, `admission`, `saved`, `patience` and `history`.
"""

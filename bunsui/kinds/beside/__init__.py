"""What others may put beside something of ours: what each such thing does, how risky that is, which command removes it.

In: what AWS answers of one such thing. Out: `BesideOurs`. Called by `bunsui.aws.beside`.

Rule: one function for each; nothing is asked here.
"""

"""Resource kinds, the pure half: which attributes there are, how they compare, what forces a replacement.

In: attributes of two resources of a kind. Out: how they compare, and every word about the kind. Called by diff, plan and the
providers; `registry` is the list.

Rule: no AWS calls here; the effects of a kind live in the file of the same name under `bunsui.aws.providers`.

The attributes of each kind are the contract between `compile` (which fills them), `aws.providers` (which reads and writes them)
and `diff`; the kind's own file says what is in them. All are JSON; documents are objects, not text. Every attribute is always
present. What else the product says of a kind, such as what is lost with it, stands in `Kind` too: there is no second list.
"""

"""What the screen of pipelines offers beside its rows.

In: how a pipeline stands, the bridge's plan. Out: choices of menus, the line above the list. Called by the screen
`pipelines`.

Rule: no widget is touched here.
"""

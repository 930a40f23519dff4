"""Edits of YAML files that change only the lines that they are about.

In: a file's bytes, and an edit as a value. Out: the bytes afterwards, or why not. Called by `bunsui.document.form`, and by
`bunsui.services.drafting` for whoever builds a pipeline.

    from bunsui.document.edit.edits import InsertItem, InsertKey, MoveValue, RemoveValue, RenameKey, SetValue
    from bunsui.document.edit.editing import EditedText, EditRefusal, edit_text

    match edit_text("pipelines/orders.yaml", content, SetValue(path=("jobs", "load", "timeout"), value="90s")):
        case EditedText(content=after): ...
        case EditRefusal(reason=why, position=where): ...

Rule: what comes out is read again, and is refused unless its data is what the edit means and every comment is still there.
"""

"""Forms for files of the project, made of the schemas that are published.

In: a file's bytes, a place in it, the operation types. Out: the fields of that place, and edits that set and unset them. Called
by the faces and by `bunsui.services.drafting`.

    from bunsui.document.form.form import read_form
    from bunsui.document.form.field_edits import set_field, unset_field
    from bunsui.document.form.outline import read_outline

    form = read_form(file, content, ("jobs", "load"), registry, findings=checked.own)     # None: the text cannot be read
    for field in form.fields:
        field.key, field.description, field.shape, field.value, field.line, field.findings
    draft.edit(set_field(form, "timeout", "90s"), "load: timeout 90s")
    draft.edit(unset_field(form, "timeout"), "load: no timeout")
    read_form(file, content, form.field("retry").path, registry)      # nested: retry, foreach, code, an operation of a list
    rename_job(read_text(file, content).data, ("jobs", "load"), "fetch")  # with what refers to it (`job_names`); `remove_job`

Rule: what a field is comes from the schema alone; a type of a plug-in has its fields like any other.
"""

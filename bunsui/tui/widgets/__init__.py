"""One widget a file, with its messages, bindings and help."""

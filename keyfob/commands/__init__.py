"""One module per verb of the command line; `keyfob.verbs` is their table."""

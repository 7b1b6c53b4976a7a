"""One module per verb of the command line; `keyfob.cli.table` is their table."""

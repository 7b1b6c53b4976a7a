"""The `keyfob` command: a static table of verbs, a module for each, and what verbs share."""

"""The front door: the `keyfob` command, which is the only place that knows both halves."""

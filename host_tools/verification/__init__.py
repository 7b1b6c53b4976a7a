"""The verification host: what a fob's codes are checked against (HOST §1)."""

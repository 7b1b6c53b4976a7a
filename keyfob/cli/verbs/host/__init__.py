"""`keyfob host`: the verification host's verbs, their store and what they print."""

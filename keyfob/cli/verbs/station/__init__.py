"""`keyfob station`: the provisioning station's verbs, its ledger and its screen."""

"""`keyfob soft`: the bank's desk for soft tokens, and what their users do."""

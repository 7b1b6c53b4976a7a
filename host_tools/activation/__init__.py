"""The bank's side of soft tokens: issue, activation, extension, and the code handed over."""

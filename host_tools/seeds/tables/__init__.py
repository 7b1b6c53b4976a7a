"""Tables of seeds: rows, columns found by header and content, records."""

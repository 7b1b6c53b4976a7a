"""What every desk keeps its books in: a durable database, private files, sealed secrets, a log."""

"""What every desk keeps its books in: a durable database, sealed secrets, a chained log."""

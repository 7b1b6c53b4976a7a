"""What every store is built from: durable SQLite, private files, sealed secrets, a chained log."""

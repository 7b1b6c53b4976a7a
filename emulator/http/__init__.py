"""The bench over HTTP: its commands as resources, and a stream of what displays show (PANEL)."""

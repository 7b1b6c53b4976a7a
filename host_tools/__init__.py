"""The host: whatever talks to a fob over its port, works its bench, or verifies its codes."""

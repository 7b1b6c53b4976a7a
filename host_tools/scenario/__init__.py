"""Scenarios: Gherkin features played over a port, a bench and a host, virtual or real."""

"""Snapshots: the state of fobs, kept and brought back (BENCH §15)."""

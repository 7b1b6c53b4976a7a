"""Faults that are ordered: on lines, supply and board (BENCH §14)."""

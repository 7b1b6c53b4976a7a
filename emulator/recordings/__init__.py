"""Recordings: every input of a rack's fobs with its time, and its replay (BENCH §16)."""

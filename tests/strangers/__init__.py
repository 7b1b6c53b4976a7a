"""Programs we did not write that are heavy to set up: `make strangers` installs and runs them.

Each has an environment of its own (`environments.py`), so that none pulls its requirements into
ours. `make test` leaves this folder out. A program that cannot be had is skipped with the reason.
"""

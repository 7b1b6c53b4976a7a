"""The token as a pure value machine: given inputs and the time, it returns effects.

Nothing in here has a clock, dice, a file, a socket, a thread or a log (docs/ARCHITECTURE.md §2).
"""

"""HDLC, APDU, TLV, SCP03 and the messages they carry: bytes to values and back, both ends.

docs/WIRE.md says in words what stands here; nothing in it has a clock, a line or dice.
"""

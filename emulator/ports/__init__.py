"""Ports: how the bytes of hosts reach the emulated lines, whatever carries them."""

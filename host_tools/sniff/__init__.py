"""Listening between a host and a fob: `Listener` explains bytes, `SniffTap` carries them."""

from host_tools.sniff.listener import Layer, Listener, Sniffed
from host_tools.sniff.tap import SniffTap, open_host_end

__all__ = ["Layer", "Listener", "SniffTap", "Sniffed", "open_host_end"]

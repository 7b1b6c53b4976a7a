"""Listening between a host and a fob: `Listener` explains bytes, `SniffTap` carries them."""

from host_tools.sniff.listener import Heard, Layer, Listener
from host_tools.sniff.tap import SniffTap, offer

__all__ = ["Heard", "Layer", "Listener", "SniffTap", "offer"]

"""Listening between a host and a fob: `Listener` explains bytes in words, `Tap` carries them."""

from host_tools.sniff.listener import Heard, Layer, Listener
from host_tools.sniff.tap import Tap, offer

__all__ = ["Heard", "Layer", "Listener", "Tap", "offer"]

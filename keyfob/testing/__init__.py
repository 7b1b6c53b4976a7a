"""Fobs for tests: the pytest plugin, racks in this process, presets, and `fob://` for pyserial."""

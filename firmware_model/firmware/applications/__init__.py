"""The fob's application layer: command APDUs in, response APDUs out, over the token's state."""

from firmware_model.firmware.applications.transaction import Applications

__all__ = ["Applications"]

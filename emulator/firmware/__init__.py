"""Firmware as files: ELF and Intel HEX images, read into what the model runs."""

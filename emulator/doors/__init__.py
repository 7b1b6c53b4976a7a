"""Doors: where bytes of a host come in and go out, whatever carries them."""

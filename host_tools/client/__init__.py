"""The host's end of a port and of a bench: transports, link, token session, a fob's state."""

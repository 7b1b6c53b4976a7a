"""The shell around the model: the only clock, event loop, sockets and files of the emulator."""

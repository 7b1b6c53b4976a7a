"""One suite for every fob: in this process, on a PTY, over TCP, or at `--keyfob-port URL`."""

"""The program on the board: it knows the world only through the board's pins."""

"""The bench: button, display and power supply of the rack, as a SCPI-99 instrument (BENCH.md)."""

"""The board's physics: battery, crystal, button, display, flash and the heat around them."""

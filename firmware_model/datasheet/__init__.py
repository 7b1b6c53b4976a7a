"""What a model of fob prescribes, as checked values: its parts and its program."""

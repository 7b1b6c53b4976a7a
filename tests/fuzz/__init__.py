"""Coverage-guided fuzzing of both ends: `python -m tests.fuzz device --seconds 300`."""

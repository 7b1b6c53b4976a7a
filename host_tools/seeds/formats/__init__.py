"""One module for each seed-file format; `host_tools.seeds.registry` is their table."""

"""Measurements: ratios against a floor and a peer in one run (`python -m benchmarks [NAME …]`)."""

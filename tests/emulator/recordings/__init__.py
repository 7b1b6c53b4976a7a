"""Recordings and bundles: written, read, replayed, shared."""

"""Tests of seed files."""

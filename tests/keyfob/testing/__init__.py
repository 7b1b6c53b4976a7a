"""Tests of what suites use."""

"""Tests of host_tools.client."""

"""Tests of HOTP and TOTP."""

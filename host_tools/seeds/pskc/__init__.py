"""PSKC (RFC 6030) and its drafts: a reader in slices, and the dialects of those who write it."""

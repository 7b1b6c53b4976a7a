"""The verification host over HTTP (docs/HTTP.md); needs the extra `http`."""

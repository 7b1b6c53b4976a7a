"""Web browsers at a TCP port: an HTTP request or a TLS hello ends its connection.

Any web page can have a browser send requests to a port of this machine, with a body of its choice.
So a connection that begins like one is closed before any byte of a body is looked at, however long
the request is and however it is split.
"""

METHODS = (
    b"ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE"
    b" MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI"
    b" PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK"
    b" UPDATE UPDATEREDIRECTREF VERSION-CONTROL"
).split()
"""IANA's registry of HTTP methods (RFC 9110 §16.1), and QUERY, which is about to be in it."""

TLS_HELLO = b"\x16\x03"
"""A handshake record of any SSL or TLS version from 3.0 on (RFC 8446 §5.1)."""

_STARTS = (TLS_HELLO, *(method + b" " for method in METHODS))
_LONGEST = max(map(len, _STARTS))


def is_foreign(start: bytes) -> bool:
    """Return whether `start`, the first bytes of a connection or line, is HTTP or TLS."""
    return start[:_LONGEST].upper().startswith(_STARTS)


class StartGuard:
    """Looks at the first bytes of one connection, however they are split."""

    def __init__(self) -> None:
        self._start = b""
        self._decided = False

    def refuses(self, data: bytes) -> bool:
        """Return whether the connection with `data` as its next bytes is one to close."""
        if self._decided:
            return False
        # Empty lines before a request are to be ignored by HTTP's receivers (RFC 9112 §2.2).
        self._start = (self._start + data[:_LONGEST]).lstrip(b"\r\n")[:_LONGEST]
        if is_foreign(self._start):
            return True
        self._decided = not any(start.startswith(self._start.upper()) for start in _STARTS)
        return False

"""A client's connection: what is not HTTP, too large or too slow in coming ends it (HTTP §4)."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from host_tools.verification.http import problems

HEAD_MAX = 64 * 1024
"""The longest line and headers of a request, in bytes."""

_LOGGER = logging.getLogger("keyfob.host.http")


class PatientConnection(HttpToolsProtocol):
    """A connection whose requests must arrive in time, each with a head of bounded size.

    uvicorn's own waits for ever, keeps a head of any size, and takes trailers for headers. The head
    of a request has `seconds` from the start of the connection or the answer before it; its body
    has as many from there.
    """

    seconds = 10.0
    _deadline: float | None = None
    _alarm: asyncio.TimerHandle | None = None
    _is_in_head = False
    _unparsed_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Give the first request its time."""
        super().connection_made(transport)
        self.access_log = False  # uvicorn's own has addresses with all that was typed
        self._expect_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._alarm is not None:
            self._alarm.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head or trailers that become too large end the connection."""
        self._unparsed_bytes += len(data)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("")
        if self._unparsed_bytes > HEAD_MAX and not self.transport.is_closing():
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._is_in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers are left out."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Let a request begin to be served; give its body its time."""
        self._is_in_head, self._unparsed_bytes = False, 0
        hosts = [name for name, _ in self.headers].count(b"host")
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            raise ValueError("expected one Host (RFC 9112, section 3.2)")
        if self.parser.should_upgrade():
            return  # this head comes again
        super().on_headers_complete()
        self._expect_more()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body, whose size the application bounds."""
        self._unparsed_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Let a request take its time, which is here whole; or wait for the next one."""
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        self._expect_more_when_answered()

    def on_response_complete(self) -> None:
        """Give the next request on this connection its time, unless it is here already."""
        super().on_response_complete()
        self._expect_more_when_answered()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - it may repeat what was sent
        """Answer bytes that are no HTTP by a problem, as everything else."""
        self._end_by("bad-request")

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Serve a request as if it had not asked for another protocol (RFC 9110, section 7.8).

        Java's own client asks for HTTP/2 so. The parser takes what follows the head for the other
        protocol: a new one gets the head without Upgrade, and `rest`.
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            self.send_400_response("")
            return
        lines = [method + b" " + self.url + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self.data_received(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def _end_by(self, kind: str) -> None:
        """Answer by a problem, and close the connection."""
        answer = problems.refusal(kind)
        status = HTTPStatus(answer.status)
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
            f"Content-Type: {answer.media_type}\r\nContent-Length: {len(answer.body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + answer.body)
        self.transport.close()
        _LOGGER.warning("connection closed: %s", kind)

    def _expect_more_when_answered(self) -> None:
        if self.cycle.response_complete and not self.transport.is_closing():
            self._expect_more()
        else:
            self._deadline = None

    def _expect_more(self) -> None:
        """Wait for what comes next; one alarm serves all requests of a connection."""
        self._deadline = self.loop.time() + self.seconds
        if self._alarm is None:
            self._alarm = self.loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        """End the connection where something is late: without a word where it is a head."""
        self._alarm = None
        request: RequestResponseCycle | None = self.cycle  # None before the first one
        if self._deadline is None:
            return
        if self._deadline > self.loop.time():
            self._alarm = self.loop.call_at(self._deadline, self._look)
        elif request is None or request.response_complete:
            self.transport.close()
        else:
            self._end_by("slow")

"""What is answered to a request: a status, headers and a body."""

import json
from collections.abc import Mapping
from typing import Any

JSON_MEDIA_TYPE = "application/json"

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class HttpAnswer:
    """An answer; `headers` are there besides its media type and length."""

    __slots__ = ("body", "headers", "media_type", "status")

    def __init__(
        self,
        body: bytes,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str = JSON_MEDIA_TYPE,
    ) -> None:
        self.body = body
        self.status = status
        self.headers = headers
        self.media_type = media_type

    @classmethod
    def of_json(cls, content: Any, headers: Mapping[str, str] | None = None) -> "HttpAnswer":
        """Return the answer 200 with `content` as JSON."""
        return cls(_encode(content).encode(), headers=headers)

    def head(self, request_id: bytes) -> dict[str, Any]:
        """Return its status and headers as ASGI has them."""
        headers = [
            (b"content-type", self.media_type.encode("latin-1")),
            (b"content-length", b"%d" % len(self.body)),
            (b"x-request-id", request_id),
        ]
        if self.headers:
            headers += [
                (name.lower().encode("latin-1"), text.encode("latin-1"))
                for name, text in self.headers.items()
            ]
        return {"type": "http.response.start", "status": self.status, "headers": headers}

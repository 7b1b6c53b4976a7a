"""Errors as problem details (RFC 9457), with SCPI's numbers where the bench refused."""

from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

from emulator.bench.errors import Number, ScpiError

MEDIA_TYPE = "application/problem+json"

STATUSES: dict[Number, HTTPStatus] = {
    Number.UNDEFINED_HEADER: HTTPStatus.NOT_FOUND,
    Number.HARDWARE_MISSING: HTTPStatus.NOT_FOUND,
    Number.EXECUTION_ERROR: HTTPStatus.CONFLICT,
    Number.SETTINGS_CONFLICT: HTTPStatus.CONFLICT,
    Number.TIME_OUT: HTTPStatus.CONFLICT,
    Number.DATA_OUT_OF_RANGE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Number.ILLEGAL_PARAMETER_VALUE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Number.TOO_MUCH_DATA: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""SCPI error -> status; every other one is a fault of the request: 400."""


class HttpProblem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """A request that is refused; it becomes the answer.

    `number` is SCPI's where the bench refused, `headers` go with the answer.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        number: Number | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.number = number
        self.headers = headers

    @classmethod
    def of(cls, error: ScpiError) -> "HttpProblem":
        """Return the problem that says what SCPI's `error` says."""
        status = STATUSES.get(error.number, HTTPStatus.BAD_REQUEST)
        return cls(status, error.detail or error.number.text, error.number)

    def response(self) -> JSONResponse:
        """Return the answer (RFC 9457 §3)."""
        content: dict[str, Any] = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
        }
        if self.number is not None:
            content |= {
                "type": f"urn:keyfob:scpi:{self.number:d}",
                "title": self.number.text,
                "scpi": int(self.number),
            }
        return JSONResponse(content, self.status, self.headers, MEDIA_TYPE)

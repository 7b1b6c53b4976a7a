"""What went wrong, as problem details (RFC 9457): one type and one status for each cause."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from firmware_model.errors import BadInput, Denied, InUse, KeyfobError, PortUnavailable
from host_tools.vault.sqlite import StoreAltered, UnwritableStore
from host_tools.verification.http.answers import HttpAnswer
from host_tools.verification.submissions import KeyReused, UnknownOutcome

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1

_LOGGER = logging.getLogger("keyfob.host.http")


class ProblemAnswer(BaseModel):
    """Problem details by RFC 9457; `errors` says which parts of a request are wrong."""

    type: str = Field(examples=["/problems/denied"])
    title: str
    status: int
    detail: str = ""
    errors: list[dict[str, str]] | None = None


TITLES: Mapping[str, tuple[int, str]] = {
    "bad-input": (400, "A value is not what it should be."),
    "not-json": (400, "The body is not JSON."),
    "bad-request": (400, "The request is not HTTP as it should be."),
    "unauthorized": (401, "An access token is needed, and none that is known came."),
    "forbidden": (403, "The access token's roles do not allow this."),
    "not-found": (404, "There is no such resource."),
    "method-not-allowed": (405, "The resource does not know this method."),
    "slow": (408, "The body did not arrive in time."),
    "denied": (409, "The token's state or the policy forbids it."),
    "outcome-unknown": (409, "What came of the first submission cannot be said."),
    "too-large": (413, "The body is too large."),
    "not-json-type": (415, "The body's media type is not application/json."),
    "invalid": (422, "The body or a parameter has not the form that it should have."),
    "key-reused": (422, "The idempotency key was used for another request."),
    "too-many": (429, "Too many requests."),
    "internal": (500, "Internal error."),
    "in-use": (503, "The store is locked for too long."),
    "unreachable": (503, "The database cannot be reached."),
    "altered": (503, "The store was altered or damaged."),
    "unwritable": (507, "The store cannot be written."),
}
"""Every problem type with its status and title; docs/HTTP.md §4 has the same table."""

_CAUSES: tuple[tuple[type[KeyfobError], str], ...] = (
    (StoreAltered, "altered"),
    (UnwritableStore, "unwritable"),
    (KeyReused, "key-reused"),
    (UnknownOutcome, "outcome-unknown"),
    (Denied, "denied"),
    (InUse, "in-use"),
    (PortUnavailable, "unreachable"),
    (BadInput, "bad-input"),
)
_SERVERS_OWN = frozenset({"altered", "unwritable", "in-use", "unreachable", "internal"})
"""Problems whose words name files and machines: they go to the log, not to the client."""


class HttpRefusal(Exception):  # noqa: N818 - answered to the client
    """A request that is answered by a problem of one type; `more` are further members of it."""

    def __init__(
        self, kind: str, detail: str = "", headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail
        self.headers = headers
        self.more = more


def problem(kind: str, detail: str = "", **more: Any) -> dict[str, Any]:
    """Return the body of a problem."""
    status, title = TITLES[kind]
    return {"type": f"/problems/{kind}", "title": title, "status": status, "detail": detail} | more


def refusal(
    kind: str, detail: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> HttpAnswer:
    """Return the answer that is a problem."""
    own: dict[str, str] = dict(headers or {})
    status = TITLES[kind][0]
    if status == 401:
        own.setdefault("WWW-Authenticate", "Bearer")
    if status in (429, 503):
        own.setdefault("Retry-After", str(RETRY_SECONDS))
    body = json.dumps(problem(kind, detail, **more)).encode()
    return HttpAnswer(body, status, own, MEDIA_TYPE)


def refusal_of(error: Exception) -> HttpAnswer:
    """Return the answer to what went wrong with a request; it repeats no code that was sent."""
    match error:
        case HttpRefusal():
            return refusal(error.kind, error.detail, error.headers, **error.more)
        case KeyfobError():
            kind = next((kind for cause, kind in _CAUSES if isinstance(error, cause)), "internal")
            if kind not in _SERVERS_OWN:
                return refusal(kind, str(error))
            _LOGGER.error("%s: %s", kind, error)
            return refusal(kind, "see the server's log")
        case _:
            # The kind of error only: its words may hold what was sent.
            _LOGGER.critical("internal error: %s", type(error).__name__)
            return refusal("internal")

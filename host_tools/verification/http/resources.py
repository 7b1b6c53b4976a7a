"""What a resource is: a method at a path, who may ask, what is asked, said and done."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

from pydantic import ValidationError

from host_tools.verification.http.access import AccessRole, AccessToken
from host_tools.verification.http.answers import HttpAnswer
from host_tools.verification.http.forms import Form
from host_tools.verification.http.problems import HttpRefusal
from host_tools.verification.http.requests import HttpRequest
from host_tools.verification.http.served import ServedHost
from host_tools.verification.submissions import Submission

KEY_PATTERN = "[!-~]{1,128}"
"""What an idempotency key looks like, from end to end."""

_KEY = re.compile(KEY_PATTERN.encode())

AnyForm = TypeVar("AnyForm", bound=Form)


@dataclass(slots=True)
class HttpCall(Generic[AnyForm]):
    """A request that may be served: what it asks for, and its idempotency key if it has one."""

    served: ServedHost
    request: HttpRequest
    form: AnyForm
    submission: Submission | None

    @property
    def holder(self) -> AccessToken:
        """Whose access token came with it; of resources that need one."""
        assert self.request.holder is not None
        return self.request.holder


@dataclass(frozen=True, slots=True)
class HostResource(Generic[AnyForm]):
    """A method at a path.

    `role` is what an access token needs, None where none is needed. `form` is the body of a POST
    and the query of a GET. `said` is the type of a 200's JSON, None where it is not JSON.
    `refusals` are the kinds of problems that it may answer. A resource that `is_once` takes
    idempotency keys. `act` does it.
    """

    method: str
    path: str
    role: AccessRole | None
    form: type[AnyForm]
    said: Any
    refusals: tuple[str, ...]
    act: Callable[[HttpCall[AnyForm]], Awaitable[HttpAnswer]]
    description: str
    is_once: bool = False

    async def answer(self, served: ServedHost, request: HttpRequest) -> HttpAnswer:
        """Do what a request asks for; raises HttpRefusal, KeyfobError."""
        if self.role is not None:
            served.admit(request, self.role)
        try:
            form = self._form_of(request)
        except ValidationError as error:
            raise _refusal_of(error, "query" if self.method == "GET" else "body") from None
        submission = _submission_of(request) if self.is_once else None
        return await self.act(HttpCall(served, request, form, submission))

    def _form_of(self, request: HttpRequest) -> AnyForm:
        if self.method == "GET":
            query = request.query.decode("latin-1")
            return self.form.model_validate(dict(parse_qsl(query, keep_blank_values=True)))
        return self.form.model_validate_json(request.body or b"null")


def _refusal_of(error: ValidationError, place: str) -> HttpRefusal:
    """Return the problem that a form has: where, and what is wrong; no value that was sent."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if any(each["type"] == "json_invalid" for each in found):
        return HttpRefusal("not-json")
    errors = [
        {"where": "/".join(map(str, (place, *each["loc"]))), "message": each["msg"]}
        for each in found
    ]
    return HttpRefusal("invalid", errors=errors)


def _submission_of(request: HttpRequest) -> Submission | None:
    key = request.headers.get(b"idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        expected = "expected 1 to 128 visible ASCII characters"
        raise HttpRefusal(
            "invalid", errors=[{"where": "header/Idempotency-Key", "message": expected}]
        )
    assert request.holder is not None, "only who is known submits"
    name = f"{request.holder.name}:{key.decode()}"
    return Submission(name, f"{request.path} {request.body.decode()}")

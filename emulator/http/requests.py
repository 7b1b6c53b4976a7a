"""What every resource does with a request: a bounded body, an end when the client leaves."""

import asyncio
import contextlib
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from emulator.http.problems import HttpProblem

BODY_BYTES_MAX = 65_536
"""Longest body of a request; a longer one is 413."""

BODY_SECONDS = 10.0
"""How long a client may take to send it."""

JSON = "application/json"

Result = TypeVar("Result")


async def read_bounded(request: Request) -> bytes:
    """Return the JSON body of a request, b"" where it has none.

    Raises:
        HttpProblem: it is too long, too slow, or of another media type.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > BODY_BYTES_MAX:
                    raise HttpProblem(
                        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                        f"the body has more than {BODY_BYTES_MAX} bytes",
                        headers={"Connection": "close"},
                    )
    except TimeoutError:
        raise HttpProblem(
            HTTPStatus.REQUEST_TIMEOUT,
            f"the body did not come within {BODY_SECONDS:g} s",
            headers={"Connection": "close"},
        ) from None
    except ClientDisconnect:
        raise asyncio.CancelledError from None
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and media_type != JSON:  # a form of another site can send every type but this one
        raise HttpProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"expected a body of the type {JSON}")
    return bytes(body)


async def while_connected(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """Do `work`, and cancel it when the client leaves, as a SCPI controller that hangs up does.

    The body of the request has been read before.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise asyncio.CancelledError
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task

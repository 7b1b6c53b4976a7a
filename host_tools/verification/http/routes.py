"""The host's verbs as resources: each does what `keyfob host VERB` does (docs/HTTP.md §3)."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from firmware_model.errors import KeyfobError
from host_tools.verification.attempts import Attempt, KeptAnswer
from host_tools.verification.host import Host
from host_tools.verification.host_json import (
    answer_json,
    entry_json,
    opinion_json,
    profile_json,
    status_json,
)
from host_tools.verification.http import forms
from host_tools.verification.http.access import AccessRole, AccessToken
from host_tools.verification.http.problems import HttpRefusal, ProblemAnswer, documented
from host_tools.verification.http.served import ServedHost
from host_tools.verification.profiles import known_profiles
from host_tools.verification.states import TokenEvent
from host_tools.verification.submissions import Answer, Submission

AUDIT_ENTRIES_MAX = 1000

MOVES: dict[str, tuple[TokenEvent, str]] = {
    "assign": (TokenEvent.ASSIGN, "Set a token aside for a user."),
    "mail": (TokenEvent.MAIL, "The token was sent to its user."),
    "returned": (TokenEvent.RETURN, "The post brought the token back."),
    "stock": (TokenEvent.STOCK, "Take a token back on stock; its failures are forgotten."),
    "suspend": (TokenEvent.SUSPEND, "Suspend a token."),
    "resume": (TokenEvent.RESUME, "Let a suspended token be used again."),
    "unlock": (TokenEvent.UNLOCK, "Open the lock that wrong codes have shut."),
    "release": (TokenEvent.RELEASE, "End a token's use by its user, or by all."),
    "lost": (TokenEvent.LOSE, "A token is lost or stolen: it stops at once."),
    "found": (TokenEvent.FIND, "A lost token was found: it may be enrolled anew."),
    "reset-drift": (TokenEvent.RESET_DRIFT, "Set a token's stored drift to 0."),
    "extend": (TokenEvent.EXTEND, "Give a token a later last day."),
}
"""The verbs that need no code, as the command line has them."""

_ALWAYS = ("unauthorized", "forbidden", "too-many", "in-use", "unreachable", "altered")
READS = documented("bad-input", "invalid", *_ALWAYS)
POSTS = documented(
    *("bad-input", "not-json", "invalid", "key-reused", "denied", "outcome-unknown"),
    *("too-large", "slow", "not-json-type", "unwritable", *_ALWAYS),
)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern="^[!-~]+$",
        description="A second request with this key is answered as the first, for a day.",
    ),
]


def needs(role: AccessRole) -> Any:
    """Return a dependency: the access token of the request, which has this role."""

    async def holder(request: Request) -> AccessToken:
        served: ServedHost = request.app.state.served
        return served.admitted(request, role)

    return Depends(holder)


async def _waited(future: "Future[Any]") -> Any:
    return await asyncio.wrap_future(future)


def make_routes(served: ServedHost) -> APIRouter:
    """Return all resources of a host."""
    router = APIRouter()
    _add_codes(router, served)
    _add_moves(router, served)
    _add_reads(router, served)
    _add_operations(router, served)
    return router


def _add_codes(router: APIRouter, served: ServedHost) -> None:
    async def attempt(
        holder: AccessToken, request: Request, attempt: Attempt, key: str | None
    ) -> JSONResponse:
        if key is not None:
            asked = (await request.body()).decode()
            name = Submission(f"{holder.name}:{key}", f"{request.url.path} {asked}")
            attempt = Attempt(attempt.codes, attempt.now_seconds, attempt.token, attempt.user, name)
        said = await _waited(served.host.submit(attempt))
        if isinstance(said, KeyfobError):
            raise said
        if isinstance(said, KeptAnswer):
            return JSONResponse(said.answer, headers={"Idempotency-Replayed": "true"})
        served.metrics.verdicts.labels(str(said.decision.verdict)).inc()
        return JSONResponse(answer_json(said))

    @router.post("/v1/verify", response_model=forms.VerifyAnswer, responses=POSTS)
    async def verify(
        form: forms.VerifyForm,
        request: Request,
        holder: Annotated[AccessToken, needs(AccessRole.VERIFY)],
        key: IdempotencyKey = None,
    ) -> JSONResponse:
        """Verify a code: accepted once, and never again by any process. A refusal is a 200 too."""
        asked = Attempt([form.code], served.now_seconds(), form.token, form.user)
        return await attempt(holder, request, asked, key)

    @router.post("/v1/resync", response_model=forms.VerifyAnswer, responses=POSTS)
    async def resync(
        form: forms.ResyncForm,
        request: Request,
        holder: Annotated[AccessToken, needs(AccessRole.VERIFY)],
        key: IdempotencyKey = None,
    ) -> JSONResponse:
        """Catch up with a token far ahead or off in time, by two consecutive codes."""
        asked = Attempt(form.codes, served.now_seconds(), form.token, form.user)
        return await attempt(holder, request, asked, key)


def _add_moves(router: APIRouter, served: ServedHost) -> None:
    async def done(
        holder: AccessToken,
        request: Request,
        key: str | None,
        act: Callable[[Host, int], Answer],
    ) -> JSONResponse:
        asked = (await request.body()).decode()
        now = served.now_seconds()

        def in_thread(host: Host) -> tuple[Answer, bool]:
            if key is None:
                return act(host, now), False
            name = Submission(f"{holder.name}:{key}", f"{request.url.path} {asked}")
            return host.submit(name, lambda: act(host, now), now)

        answer, again = await _waited(served.host.run(in_thread))
        return JSONResponse(answer, headers={"Idempotency-Replayed": "true"} if again else None)

    @router.post("/v1/enroll", response_model=forms.VerifyAnswer, responses=POSTS)
    async def enroll(
        form: forms.EnrollForm,
        request: Request,
        holder: Annotated[AccessToken, needs(AccessRole.MANAGE)],
        key: IdempotencyKey = None,
    ) -> JSONResponse:
        """Put a token into a user's use, with the codes the policy asks for."""

        def act(host: Host, now: int) -> Answer:
            return answer_json(host.enroll(form.token, form.user, form.codes, now, holder.acts_as))

        return await done(holder, request, key, act)

    @router.post("/v1/exchange", response_model=forms.ExchangeAnswer, responses=POSTS)
    async def exchange(
        form: forms.ExchangeForm,
        request: Request,
        holder: Annotated[AccessToken, needs(AccessRole.MANAGE)],
        key: IdempotencyKey = None,
    ) -> JSONResponse:
        """Let a new token take the place of an old one."""
        before = [] if form.old_code is None else [form.old_code]

        def act(host: Host, now: int) -> Answer:
            old, new = host.exchange(
                form.token, form.new, before, form.codes, now, holder.acts_as, form.user
            )
            return {"old": answer_json(old), "new": new and answer_json(new)}

        return await done(holder, request, key, act)

    def mover(event: TokenEvent) -> Callable[..., Awaitable[JSONResponse]]:
        async def move(
            form: forms.MoveForm,
            request: Request,
            holder: Annotated[AccessToken, needs(AccessRole.MANAGE)],
            key: IdempotencyKey = None,
        ) -> JSONResponse:
            def act(host: Host, now: int) -> Answer:
                state = host.move(event, form.token, now, holder.acts_as, form.user, form.until)
                serial_number = host.status(form.token, now, form.user).serial_number
                return {"serial_number": serial_number, "state": str(state)}

            return await done(holder, request, key, act)

        return move

    for verb, (event, text) in MOVES.items():
        router.add_api_route(
            f"/v1/{verb}",
            mover(event),
            methods=["POST"],
            response_model=forms.MoveAnswer,
            responses=POSTS,
            description=text,
            name=verb,
        )


def _add_reads(router: APIRouter, served: ServedHost) -> None:
    reader = needs(AccessRole.READ)

    @router.get("/v1/status", response_model=forms.SummaryAnswer, responses=READS)
    async def summary(_: Annotated[AccessToken, reader]) -> JSONResponse:
        """Tell how many tokens are in each state."""

        def read(host: Host) -> Answer:
            return {"policy": host.policy.name, "tokens": host.summary()}

        return JSONResponse(await _waited(served.host.run(read)))

    @router.get("/v1/status/token", response_model=forms.StatusAnswer, responses=READS)
    async def status(
        _: Annotated[AccessToken, reader],
        token: Annotated[str, Query(min_length=1, max_length=256)],
        user: Annotated[str, Query(max_length=256)] = "",
    ) -> JSONResponse:
        """Tell where a token stands."""
        now = served.now_seconds()
        found = await _waited(served.host.run(lambda host: host.status(token, now, user)))
        return JSONResponse(status_json(found))

    @router.get("/v1/status/user", response_model=list[forms.StatusAnswer], responses=READS)
    async def tokens_of(
        _: Annotated[AccessToken, reader],
        user: Annotated[str, Query(min_length=1, max_length=256)],
    ) -> JSONResponse:
        """Tell where the tokens stand that a user uses."""
        now = served.now_seconds()
        found = await _waited(served.host.run(lambda host: host.tokens_of(user, now)))
        return JSONResponse([status_json(each) for each in found])

    @router.get("/v1/audit", response_model=forms.AuditAnswer, responses=READS)
    async def audit(
        _: Annotated[AccessToken, reader],
        after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=AUDIT_ENTRIES_MAX)] = AUDIT_ENTRIES_MAX,
    ) -> JSONResponse:
        """Show entries of the audit log, in order, and its head."""

        def read(host: Host) -> Answer:
            rows = host.audit_rows(after, limit)
            entries = [entry_json(number, entry) for number, entry in rows]
            return {"head": str(host.audit_head()), "entries": entries}

        return JSONResponse(await _waited(served.host.run(read)))

    @router.get("/v1/audit/verify", response_model=forms.WholeAnswer, responses=READS)
    async def verify_audit(_: Annotated[AccessToken, reader]) -> JSONResponse:
        """Verify that log and store are whole. It reads everything, by a connection of its own."""

        def read() -> Answer:
            faults, head = served.inspect()
            return {"whole": not faults, "faults": faults, "head": None if faults else str(head)}

        return JSONResponse(await asyncio.to_thread(read))

    @router.get("/v1/profiles", response_model=dict[str, Any], responses=READS)
    async def profiles(_: Annotated[AccessToken, reader]) -> JSONResponse:
        """List the habits of known verifiers."""
        return JSONResponse({profile.name: profile_json(profile) for profile in known_profiles()})

    @router.post("/v1/profiles", response_model=list[forms.OpinionAnswer], responses=POSTS)
    async def opinions(
        form: forms.AskForm, _: Annotated[AccessToken, needs(AccessRole.VERIFY)]
    ) -> JSONResponse:
        """Ask all known verifiers whether they would accept a code; nothing is used up."""
        now = served.now_seconds()
        found = await _waited(
            served.host.run(lambda host: host.opinions(form.token, form.code, now))
        )
        return JSONResponse([opinion_json(each) for each in found])


def _add_operations(router: APIRouter, served: ServedHost) -> None:
    @router.get("/health", response_model=forms.HealthAnswer, responses=documented("unreachable"))
    async def health() -> JSONResponse:
        """Tell whether the host answers and its store can be read. Needs no access token."""
        await _waited(served.host.run(lambda host: host.audit_head()))
        return JSONResponse({"status": "ok"})

    @router.get("/metrics", response_class=Response, responses=documented(*_ALWAYS[:3]))
    async def metrics(_: Annotated[AccessToken, needs(AccessRole.READ)]) -> Response:
        """Show counts and times in Prometheus' text format, of all workers together."""
        return Response(served.metrics_text(), media_type=CONTENT_TYPE_LATEST)

    @router.get("/problems/{kind}", response_model=ProblemAnswer, responses=documented("not-found"))
    async def explain(kind: str) -> JSONResponse:
        """Explain a problem type."""
        from host_tools.verification.http.problems import TITLES, problem

        if kind not in TITLES:
            raise HttpRefusal("not-found")
        return JSONResponse(problem(kind))

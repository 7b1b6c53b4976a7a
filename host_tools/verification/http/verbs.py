"""The host's verbs as resources: each does what `keyfob host VERB` does (docs/HTTP.md §3)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

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
from host_tools.verification.http.access import AccessRole
from host_tools.verification.http.answers import HttpAnswer
from host_tools.verification.http.resources import AnyForm, HostResource, HttpCall
from host_tools.verification.profiles import known_profiles
from host_tools.verification.states import TokenEvent
from host_tools.verification.submissions import Answer

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

_REPLAYED = {"Idempotency-Replayed": "true"}


# Codes --------------------------------------------------------------------------------------------


async def verify(call: HttpCall[forms.VerifyForm]) -> HttpAnswer:
    """Verify a code: accepted once, and never again by any process. A refusal is a 200 too."""
    return await _decided(call, [call.form.code], call.form.token, call.form.user)


async def resync(call: HttpCall[forms.ResyncForm]) -> HttpAnswer:
    """Catch up with a token far ahead or off in time, by two consecutive codes."""
    return await _decided(call, call.form.codes, call.form.token, call.form.user)


async def opinions(call: HttpCall[forms.AskForm]) -> HttpAnswer:
    """Ask all known verifiers whether they would accept a code; nothing is used up."""
    form, now = call.form, call.served.now_seconds()
    found = await call.served.run(lambda host: host.opinions(form.token, form.code, now))
    return HttpAnswer.of_json([opinion_json(each) for each in found])


async def _decided(call: HttpCall[Any], codes: list[str], token: str, user: str) -> HttpAnswer:
    now = call.served.now_seconds()
    said = await call.served.decide(Attempt(codes, now, token, user, call.submission))
    if isinstance(said, KeptAnswer):
        return HttpAnswer.of_json(said.answer, _REPLAYED)
    call.served.metrics.count_verdict(said.decision.verdict)
    return HttpAnswer.of_json(answer_json(said))


# Moves --------------------------------------------------------------------------------------------


async def enroll(call: HttpCall[forms.EnrollForm]) -> HttpAnswer:
    """Put a token into a user's use, with the codes the policy asks for."""
    form, actor = call.form, call.holder.acts_as

    def act(host: Host, now: int) -> Answer:
        return answer_json(host.enroll(form.token, form.user, form.codes, now, actor))

    return await _moved(call, act)


async def exchange(call: HttpCall[forms.ExchangeForm]) -> HttpAnswer:
    """Let a new token take the place of an old one."""
    form, actor = call.form, call.holder.acts_as
    before = [] if form.old_code is None else [form.old_code]

    def act(host: Host, now: int) -> Answer:
        old, new = host.exchange(form.token, form.new, before, form.codes, now, actor, form.user)
        return {"old": answer_json(old), "new": new and answer_json(new)}

    return await _moved(call, act)


def mover(event: TokenEvent) -> Callable[[HttpCall[forms.MoveForm]], Awaitable[HttpAnswer]]:
    """Return what moves a token by `event`."""

    async def move(call: HttpCall[forms.MoveForm]) -> HttpAnswer:
        form, actor = call.form, call.holder.acts_as

        def act(host: Host, now: int) -> Answer:
            state = host.move(event, form.token, now, actor, form.user, form.until)
            serial_number = host.status(form.token, now, form.user).serial_number
            return {"serial_number": serial_number, "state": str(state)}

        return await _moved(call, act)

    return move


async def _moved(call: HttpCall[Any], act: Callable[[Host, int], Answer]) -> HttpAnswer:
    now = call.served.now_seconds()

    def in_thread(host: Host) -> tuple[Answer, bool]:
        if call.submission is None:
            return act(host, now), False
        return host.submit(call.submission, lambda: act(host, now), now)

    answer, again = await call.served.run(in_thread)
    return HttpAnswer.of_json(answer, _REPLAYED if again else None)


# Reads --------------------------------------------------------------------------------------------


async def summary(call: HttpCall[forms.NoForm]) -> HttpAnswer:
    """Tell how many tokens are in each state."""

    def read(host: Host) -> Answer:
        return {"policy": host.policy.name, "tokens": host.summary()}

    return HttpAnswer.of_json(await call.served.run(read))


async def status(call: HttpCall[forms.TokenQuery]) -> HttpAnswer:
    """Tell where a token stands."""
    form, now = call.form, call.served.now_seconds()
    found = await call.served.run(lambda host: host.status(form.token, now, form.user))
    return HttpAnswer.of_json(status_json(found))


async def tokens_of(call: HttpCall[forms.UserQuery]) -> HttpAnswer:
    """Tell where the tokens stand that a user uses."""
    form, now = call.form, call.served.now_seconds()
    found = await call.served.run(lambda host: host.tokens_of(form.user, now))
    return HttpAnswer.of_json([status_json(each) for each in found])


async def audit(call: HttpCall[forms.AuditQuery]) -> HttpAnswer:
    """Show entries of the audit log, in order, and its head."""
    form = call.form

    def read(host: Host) -> Answer:
        rows = host.audit_rows(form.after, form.limit)
        entries = [entry_json(number, entry) for number, entry in rows]
        return {"head": str(host.audit_head()), "entries": entries}

    return HttpAnswer.of_json(await call.served.run(read))


async def verify_audit(call: HttpCall[forms.NoForm]) -> HttpAnswer:
    """Verify that log and store are whole. It reads everything, by a connection of its own."""
    faults, head = await asyncio.to_thread(call.served.inspect)
    return HttpAnswer.of_json(
        {"whole": not faults, "faults": faults, "head": None if faults else str(head)}
    )


async def profiles(_: HttpCall[forms.NoForm]) -> HttpAnswer:
    """List the habits of known verifiers."""
    return HttpAnswer.of_json({each.name: profile_json(each) for each in known_profiles()})


# What each may answer, and the table --------------------------------------------------------------

ALWAYS = ("unauthorized", "forbidden", "too-many", "in-use", "unreachable", "altered")
_READS = ("bad-input", "invalid", *ALWAYS)
_POSTS = (
    *("bad-input", "not-json", "invalid", "key-reused", "denied", "outcome-unknown"),
    *("too-large", "slow", "not-json-type", "unwritable", *ALWAYS),
)


def _post(
    verb: str,
    role: AccessRole,
    form: type[AnyForm],
    said: Any,
    act: Callable[[HttpCall[AnyForm]], Awaitable[HttpAnswer]],
    *,
    is_once: bool = True,
) -> HostResource[AnyForm]:
    words = act.__doc__ or ""
    return HostResource("POST", f"/v1/{verb}", role, form, said, _POSTS, act, words, is_once)


def _get(
    path: str,
    form: type[AnyForm],
    said: Any,
    act: Callable[[HttpCall[AnyForm]], Awaitable[HttpAnswer]],
) -> HostResource[AnyForm]:
    words = act.__doc__ or ""
    return HostResource("GET", f"/v1/{path}", AccessRole.READ, form, said, _READS, act, words)


def _move(verb: str) -> HostResource[forms.MoveForm]:
    event, words = MOVES[verb]
    act = mover(event)
    act.__doc__ = words
    return _post(verb, AccessRole.MANAGE, forms.MoveForm, forms.MoveAnswer, act)


VERBS: tuple[HostResource[Any], ...] = (
    _post("verify", AccessRole.VERIFY, forms.VerifyForm, forms.VerifyAnswer, verify),
    _post("resync", AccessRole.VERIFY, forms.ResyncForm, forms.VerifyAnswer, resync),
    _post("enroll", AccessRole.MANAGE, forms.EnrollForm, forms.VerifyAnswer, enroll),
    _post("exchange", AccessRole.MANAGE, forms.ExchangeForm, forms.ExchangeAnswer, exchange),
    *map(_move, MOVES),
    _get("status", forms.NoForm, forms.SummaryAnswer, summary),
    _get("status/token", forms.TokenQuery, forms.StatusAnswer, status),
    _get("status/user", forms.UserQuery, list[forms.StatusAnswer], tokens_of),
    _get("audit", forms.AuditQuery, forms.AuditAnswer, audit),
    _get("audit/verify", forms.NoForm, forms.WholeAnswer, verify_audit),
    _get("profiles", forms.NoForm, dict[str, Any], profiles),
    _post(
        "profiles", AccessRole.VERIFY, forms.AskForm, list[forms.OpinionAnswer], opinions,
        is_once=False,
    ),
)  # fmt: skip
"""Every verb of the host; docs/HTTP.md §3 has the same table."""

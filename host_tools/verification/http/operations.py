"""What the server says about itself, and all of its resources together (docs/HTTP.md §3)."""

from functools import cache
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST

from host_tools.verification.http import forms
from host_tools.verification.http.access import AccessRole
from host_tools.verification.http.answers import HttpAnswer
from host_tools.verification.http.openapi import document
from host_tools.verification.http.problems import TITLES, HttpRefusal, ProblemAnswer, problem
from host_tools.verification.http.resources import HostResource, HttpCall
from host_tools.verification.http.verbs import ALWAYS, VERBS


async def health(call: HttpCall[forms.NoForm]) -> HttpAnswer:
    """Tell whether the host answers and its store can be read. Needs no access token."""
    await call.served.run(lambda host: host.audit_head())
    return HttpAnswer.of_json({"status": "ok"})


async def metrics(call: HttpCall[forms.NoForm]) -> HttpAnswer:
    """Show counts and times in Prometheus' text format, of all workers together."""
    return HttpAnswer(call.served.metrics.text(), media_type=CONTENT_TYPE_LATEST)


async def explain(call: HttpCall[forms.NoForm]) -> HttpAnswer:
    """Explain a problem type."""
    kind = call.request.path.rpartition("/")[2]
    if kind not in TITLES:
        raise HttpRefusal("not-found")
    return HttpAnswer.of_json(problem(kind))


async def describe(_: HttpCall[forms.NoForm]) -> HttpAnswer:
    """Describe all resources: this document. Needs no access token."""
    return _description()


@cache
def _description() -> HttpAnswer:
    return HttpAnswer.of_json(document(RESOURCES))


def _open(path: str, said: Any, act: Any, *refusals: str) -> HostResource[forms.NoForm]:
    words = act.__doc__ or ""
    return HostResource("GET", path, None, forms.NoForm, said, refusals, act, words)


RESOURCES: tuple[HostResource[Any], ...] = (
    *VERBS,
    HostResource(
        "GET", "/metrics", AccessRole.READ, forms.NoForm, None, ("invalid", *ALWAYS[:3]), metrics,
        metrics.__doc__ or "",
    ),
    _open("/health", forms.HealthAnswer, health, "invalid", "in-use", "unreachable"),
    _open("/problems/{kind}", ProblemAnswer, explain, "invalid", "not-found"),
    _open("/openapi.json", dict[str, Any], describe, "invalid"),
)  # fmt: skip
"""All that the server answers."""

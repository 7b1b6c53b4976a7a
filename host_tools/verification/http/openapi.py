"""The OpenAPI document of the host's resources, made from their table (OpenAPI 3.1)."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

from host_tools.verification.http.answers import JSON_MEDIA_TYPE
from host_tools.verification.http.problems import MEDIA_TYPE, TITLES, ProblemAnswer
from host_tools.verification.http.resources import KEY_PATTERN, HostResource

Schema = dict[str, Any]

_PLACE = "#/components/schemas/"
_DESCRIPTION = "keyfob's verification host: docs/HTTP.md. Every refusal is a problem (RFC 9457)."
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A second request with this key is answered as the first, for a day.",
    "schema": {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
}


def document(resources: Iterable[HostResource[Any]]) -> Schema:
    """Return the document of all resources."""
    types: dict[str, Schema] = {ProblemAnswer.__name__: _schema(ProblemAnswer)}
    paths: dict[str, Schema] = {}
    for resource in resources:
        paths.setdefault(resource.path, {})[resource.method.lower()] = _operation(resource, types)
    return {
        "openapi": "3.1.0",
        "info": {"title": "keyfob verification host", "version": "1", "description": _DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": types,
            "securitySchemes": {"access_token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(resource: HostResource[Any], types: dict[str, Schema]) -> Schema:
    """Return the description of a resource, and add the types that it names."""
    done: Schema = {"description": "Done."}
    if resource.said is not None:
        done["content"] = {JSON_MEDIA_TYPE: {"schema": _named(resource.said, types)}}
    found: Schema = {
        "operationId": f"{resource.method}{resource.path}".replace("/", "_").lower(),
        "description": resource.description,
        "parameters": _parameters(resource),
        "responses": {"200": done} | _refusals(resource.refusals),
    }
    if resource.method == "POST":
        content = {JSON_MEDIA_TYPE: {"schema": _named(resource.form, types)}}
        found["requestBody"] = {"required": True, "content": content}
    if resource.role is not None:
        found["security"] = [{"access_token": []}]
    return found


def _parameters(resource: HostResource[Any]) -> list[Schema]:
    found: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", resource.path)
    ]
    if resource.method == "GET":
        schema = _schema(resource.form)
        needed = schema.get("required", ())
        found += [
            {"name": name, "in": "query", "required": name in needed, "schema": each}
            for name, each in schema["properties"].items()
        ]
    return [*found, _IDEMPOTENCY_KEY] if resource.is_once else found


def _refusals(kinds: Iterable[str]) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for kind in kinds:
        status, title = TITLES[kind]
        before = found.get(str(status), {}).get("description")
        words = f"{before} Or: {title}" if before else title
        content = {MEDIA_TYPE: {"schema": {"$ref": f"{_PLACE}{ProblemAnswer.__name__}"}}}
        found[str(status)] = {"description": words, "content": content}
    return found


def _named(kind: Any, types: dict[str, Schema]) -> Schema:
    """Return a reference to a type, which is added to `types`; or the schema of a nameless one."""
    schema = _schema(kind)
    types |= schema.pop("$defs", {})
    if not isinstance(kind, type) or "title" not in schema:
        return schema
    types[kind.__name__] = schema
    return {"$ref": _PLACE + kind.__name__}


def _schema(kind: Any) -> Schema:
    return TypeAdapter(kind).json_schema(ref_template=_PLACE + "{model}")

"""The OpenAPI document of the HTTP port, made from the bench's declarations (OpenAPI 3.1)."""

from collections.abc import Iterable, Sequence
from typing import Any

from emulator.bench.declared import Decimals, Keywords, Parameter, Strings, Switch
from emulator.http.resources import BenchResource, HttpVerb
from emulator.http.values import CHANNELS

Schema = dict[str, Any]

PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "`urn:keyfob:scpi:` and SCPI's error number"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "scpi": {"type": "integer", "description": "SCPI's error number (BENCH §3)"},
    },
}

REFUSALS = {
    400: "the request is malformed: not JSON, an unknown name, a value of another type",
    401: "no valid token",
    403: "the request comes from another origin",
    404: "the rack has no such fob",
    408: "the body did not come in time",
    409: "not possible in the present state, or not seen in time",
    413: "the body is too long",
    415: "the body is not of the type application/json",
    421: "the host of the request is not this port",
    422: "a value is out of range",
    503: "too many connections",
}
"""What every operation may answer besides its result."""

_VALUE = {"type": ["string", "number", "null"]}


def document(resources: Iterable[BenchResource], others: dict[str, Schema], version: str) -> Schema:
    """Return the document; `others` are paths that no bench command stands behind."""
    paths: dict[str, Schema] = {}
    for resource in resources:
        paths.setdefault(resource.path, {})[str(resource.method)] = _operation(resource)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "keyfob bench",
            "version": version,
            "description": "The hand, the eye and the power supply of a rack of virtual fobs.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}, {"session": []}],
        "paths": others | paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "keyfob-PORT"},
            },
        },
    }


def refusals(codes: Iterable[int] = tuple(REFUSALS)) -> Schema:
    """Return the answers of an operation that is refused."""
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(code): {"description": REFUSALS[code], "content": problem} for code in codes}


def _operation(resource: BenchResource) -> Schema:
    command = resource.command
    parameters: list[Schema] = [_fobs(resource)] if resource.for_fobs else []
    found: Schema = {
        "operationId": resource.name,
        "summary": command.header,
        "tags": [command.header.partition(":")[0].strip("*?").lower()],
    }
    if resource.method is HttpVerb.GET:
        parameters += [
            {
                "name": key,
                "in": "query",
                "required": parameter.default is None,
                "schema": _schema(parameter),
            }
            for parameter, key in zip(command.parameters, resource.keys, strict=True)
        ]
        answer = (
            {"values": {"type": "array", "items": _VALUE}} if command.lists else {"value": _VALUE}
        )
        schema = {"type": "object", "required": list(answer), "properties": answer}
        done = {
            "200": {
                "description": "the answer",
                "content": {"application/json": {"schema": schema}},
            }
        }
    else:
        done = {"204": {"description": "done"}}
        found |= _body(resource)
    if resource.can_wait:
        parameters.append(
            {
                "name": "wait",
                "in": "query",
                "description": "answer when the press has ended (`*OPC?`)",
                "schema": {"type": "boolean", "default": False},
            }
        )
    return found | {"parameters": parameters, "responses": done | refusals()}


def _fobs(resource: BenchResource) -> Schema:
    schema: Schema = {
        "type": "string",
        "pattern": f"^{CHANNELS.pattern}$",
        "examples": ["7", "1:500"],
    }
    if resource.method is HttpVerb.GET:
        schema = {"type": "integer", "minimum": 1, "maximum": 10_000}
    return {"name": "fobs", "in": "path", "required": True, "schema": schema}


def _body(resource: BenchResource) -> Schema:
    parameters, keys = resource.command.parameters, resource.keys
    if not parameters:
        return {}
    schema = _object(parameters, keys)
    if resource.command.repeat:
        schema = {
            "type": "object",
            "required": ["values"],
            "properties": {"values": {"type": "array", "minItems": 1, "items": schema}},
            "additionalProperties": False,
        }
    return {
        "requestBody": {
            "required": bool(schema.get("required")),
            "content": {"application/json": {"schema": schema}},
        }
    }


def _object(parameters: Sequence[Parameter], keys: Sequence[str]) -> Schema:
    pairs = list(zip(parameters, keys, strict=True))
    return {
        "type": "object",
        "required": [key for parameter, key in pairs if parameter.default is None],
        "properties": {key: _schema(parameter) for parameter, key in pairs},
        "additionalProperties": False,
    }


def _schema(parameter: Parameter) -> Schema:
    """Return the schema of a parameter, by its declaration."""
    found: Schema
    match parameter:
        case Strings():
            found = {"type": "string"}
        case Switch():
            found = {"type": "boolean"}
        case Keywords():
            found = {"type": "string", "enum": list(parameter.words)}
        case Decimals():
            low, high = float(parameter.low), float(parameter.high)
            found = {"type": "number", "minimum": low, "maximum": high}
            units = [unit for unit in parameter.units if unit]
            if units:
                found["description"] = f"or a text with a unit: {', '.join(units)} (BENCH §2)"
    if parameter.default is not None:
        default = parameter.default
        found["default"] = default if isinstance(default, str | bool) else float(default)
    return found

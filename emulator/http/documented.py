"""The paths of the document that no bench command stands behind."""

from typing import Any

from emulator.http.openapi import refusals
from emulator.http.values import CHANNELS

JSON_OBJECT = {"application/json": {"schema": {"type": "object"}}}
FOBS = {
    "name": "fobs",
    "in": "query",
    "description": "channels such as 7, 1:500 or 1,5:9; all without it",
    "schema": {"type": "string", "pattern": f"^{CHANNELS.pattern}$"},
}

OTHER_PATHS: dict[str, dict[str, Any]] = {
    "/fobs": {
        "get": {
            "operationId": "list_fobs",
            "summary": "Every fob: its display, name, state and cell",
            "parameters": [FOBS],
            "responses": {"200": {"description": "the fobs", "content": JSON_OBJECT}}
            | refusals((400, 401, 403, 404, 421, 422, 503)),
        }
    },
    "/fobs/{fobs}": {
        "get": {
            "operationId": "show_fob",
            "summary": "One fob: all that can be seen, measured or read, never a seed",
            "parameters": [
                {
                    "name": "fobs",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "integer", "minimum": 1, "maximum": 10_000},
                }
            ],
            "responses": {"200": {"description": "the fob", "content": JSON_OBJECT}}
            | refusals((401, 403, 404, 421, 503)),
        }
    },
    "/events": {
        "get": {
            "operationId": "follow_displays",
            "summary": "Server-sent events of what displays show; resumed by Last-Event-ID",
            "parameters": [FOBS],
            "responses": {
                "200": {
                    "description": "events of the type `displays`",
                    "content": {"text/event-stream": {"schema": {"type": "string"}}},
                }
            }
            | refusals((400, 401, 403, 404, 421, 422, 503)),
        }
    },
    "/session": {
        "post": {
            "operationId": "open_session",
            "summary": "Exchange a one-time token, or the port's own, for a browser's session",
            "security": [],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["token"],
                            "properties": {"token": {"type": "string"}},
                        }
                    }
                },
            },
            "responses": {"204": {"description": "the session is in a cookie"}}
            | refusals((400, 401, 403, 408, 413, 415, 421, 503)),
        },
        "delete": {
            "operationId": "close_session",
            "summary": "End a browser's session",
            "responses": {"204": {"description": "the cookie is gone"}}
            | refusals((401, 403, 421, 503)),
        },
    },
    "/session/links": {
        "post": {
            "operationId": "make_link",
            "summary": "Make a one-time token for another browser",
            "responses": {"201": {"description": "the token", "content": JSON_OBJECT}}
            | refusals((401, 403, 421, 503)),
        }
    },
    "/openapi.json": {
        "get": {
            "operationId": "describe",
            "summary": "This document",
            "security": [],
            "responses": {"200": {"description": "the document", "content": JSON_OBJECT}}
            | refusals((403, 421, 503)),
        }
    },
}

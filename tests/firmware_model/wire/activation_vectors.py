"""The literal activation of vectors/activation, as values."""

import json
from pathlib import Path
from typing import Any

from firmware_model.generators import Hash
from firmware_model.wire.activation import Challenge, Grant, Request, Wish
from firmware_model.wire.srp import Client, Server

FOLDER = Path(__file__).parents[3] / "vectors" / "activation"


def load(name: str) -> Any:
    vectors = json.loads((FOLDER / name).read_text("utf-8"))
    assert vectors["origin"]
    return vectors


TRANSCRIPT = load("transcript.json")
GIVEN = TRANSCRIPT["given"]
SPOKEN = {name: bytes.fromhex(text) for name, text in TRANSCRIPT["spoken"].items()}
KEPT = {name: bytes.fromhex(text) for name, text in TRANSCRIPT["kept"].items()}

SALT = bytes.fromhex(GIVEN["salt"])
CLIENT_PRIVATE = bytes.fromhex(GIVEN["client_private"])
SERVER_PRIVATE = bytes.fromhex(GIVEN["server_private"])
PASSWORD = GIVEN["start_password"]
CLOCK: int = GIVEN["unix_seconds"]
IDENTITY = f"{GIVEN['service_id']}/{GIVEN['user_id']}"


def client(password: str = PASSWORD) -> Client:
    return Client(IDENTITY, password, CLIENT_PRIVATE)


def server() -> Server:
    return Server(IDENTITY, SALT, KEPT["verifier"], SERVER_PRIVATE)


REQUEST = Request(
    Wish.ACTIVATION,
    GIVEN["device_id"],
    CLOCK,
    GIVEN["service_id"],
    GIVEN["user_id"],
    client().public,
)
CHALLENGE = Challenge(SALT, server().public)
GRANT = Grant(
    serial_number=GIVEN["serial_number"],
    credential_id=GIVEN["serial_number"],
    issue_days=GIVEN["issue_days"],
    expiry_days=GIVEN["expiry_days"],
    algorithm=Hash.SHA1,
    digits=6,
    step_seconds=30,
    unix_seconds=CLOCK,
)

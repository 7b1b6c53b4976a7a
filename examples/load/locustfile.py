"""Users who own virtual fobs, press them and log in: load on the verification host (docs/HTTP.md).

Each worker runs a rack of its own (`keyfob run`) and gives each of its users one fob. A user sees
what a customer sees: the display. README.md says how to start it, on one machine or on many.

KEYFOB_ACCESS_TOKEN: an access token with the roles verify and manage.
KEYFOB_LOAD_FOBS: fobs in each worker's rack, as many as it may have users (50).
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import uuid
from itertools import count
from pathlib import Path

from locust import HttpUser, constant_pacing, events, task

import keyfob

FOBS = int(os.environ.get("KEYFOB_LOAD_FOBS", "50"))
AUTHORIZATION = {"Authorization": f"Bearer {os.environ.get('KEYFOB_ACCESS_TOKEN', '')}"}


class OwnRack:
    """This worker's fobs, in a process of their own, whose time moves only when it is told."""

    def __init__(self, worker):
        self.first = worker * FOBS
        self._folder = tempfile.TemporaryDirectory(prefix="keyfob-load-")
        words = [sys.executable, "-m", "keyfob", "run", "--model", "fob-h6", "--count", str(FOBS)]
        words += ["--preset", "personalised", "--time", "frozen", "--until-eof", "--json"]
        words += ["--port", f"pty:{Path(self._folder.name) / 'line'}", "--bench", "tcp:127.0.0.1:0"]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        said = json.loads(self._process.stdout.readline())
        self._fobs = keyfob.Rack.connect(said["port"], said["bench"], count=FOBS)
        self._numbers = count(1)
        self._turn = threading.Lock()

    def next_fob(self):
        """Return a fob that nobody owns yet, and its token's name at the host."""
        number = next(self._numbers)
        return self._fobs[number], f"LOAD{self.first + number:08}"

    def code(self, fob):
        """Press a fob and read its display; one after the other, since they share one time."""
        with self._turn:
            shown = fob.code()
            fob.wait_until_dark()
            return shown

    def close(self):
        self._fobs.close()
        self._process.stdin.close()
        self._process.wait()
        self._folder.cleanup()


rack = None


@events.test_start.add_listener
def start_rack(environment, **_):
    global rack
    runner = environment.runner
    if type(runner).__name__ != "MasterRunner":
        rack = OwnRack(getattr(runner, "worker_index", 0))


@events.test_stop.add_listener
def stop_rack(**_):
    if rack is not None:
        rack.close()


class BankCustomer(HttpUser):
    """Owns one fob, and is let in once for each code it shows."""

    wait_time = constant_pacing(0.2)

    def on_start(self):
        self.fob, token = rack.next_fob()
        self.name = f"load/{uuid.uuid4()}"
        self.shown = rack.code(self.fob)
        self.expect("enroll", "accepted", token=token, user=self.name, codes=[self.shown])

    @task(10)
    def log_in(self):
        self.shown = rack.code(self.fob)
        self.expect("verify", "accepted", user=self.name, code=self.shown)

    @task(1)
    def submit_twice(self):
        """A browser that submits twice under one key: one acceptance, the same answer."""
        self.shown, key = rack.code(self.fob), {"Idempotency-Key": str(uuid.uuid4())}
        for _ in range(2):
            self.expect("verify", "accepted", key, user=self.name, code=self.shown)

    @task(1)
    def type_the_last_code_again(self):
        self.expect("verify", "replayed", user=self.name, code=self.shown)

    def expect(self, verb, verdict, headers=None, **body):
        with self.client.post(
            f"/v1/{verb}",
            json=body,
            headers=AUTHORIZATION | (headers or {}),
            name=f"{verb}, {verdict}",
            catch_response=True,
        ) as said:
            found = said.json().get("verdict") if said.ok else said.status_code
            if found != verdict:
                said.failure(f"{found} instead of {verdict}")

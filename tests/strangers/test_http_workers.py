"""Several workers behind one socket, on PostgreSQL: killed, stopped, slow clients, TLS."""

import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

from tests.host_tools.verification.hosts import code
from tests.strangers.postgres_server import PostgresServer
from tests.strangers.served_host import ServedHost, serving, tokens

CODES = 12
CLIENTS = 6


def workers_of(served: ServedHost) -> list[int]:
    """The processes that serve: children of the one that was started, which open the store."""
    found = subprocess.run(
        ["pgrep", "-P", str(served.process.pid), "-f", "multiprocessing.spawn"],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(word) for word in found.stdout.split()]


def test_clients_with_the_same_codes_and_killed_workers_get_each_accepted_once(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    names = tokens(2)
    with serving(
        tmp_path / "host", "--workers", "2", "--rate", "0", place=postgres.new_database()
    ) as served:
        accepted: Counter[tuple[str, int]] = Counter()
        lock, stop = threading.Lock(), threading.Event()

        def bring(client: int) -> None:
            """Bring every code under a key of its own until it is answered."""
            for factor in range(CODES):
                for name in names:
                    headers = served.headers | {"idempotency-key": f"{client}-{name}-{factor}"}
                    body = {"token": name, "code": code(factor)}
                    while not stop.is_set():
                        try:
                            said = httpx.post(
                                f"{served.url}/v1/verify", json=body, headers=headers, timeout=60
                            )
                        except httpx.TransportError:
                            stop.wait(0.05)  # its worker was killed: it asks again
                            continue
                        assert said.status_code == 200, said.text
                        with lock:
                            accepted[name, factor] += said.json()["accepted"]
                        break

        threads = [threading.Thread(target=bring, args=(each,)) for each in range(CLIENTS)]
        for thread in threads:
            thread.start()
        killed = 0
        for _ in range(3):
            for worker in workers_of(served)[:1]:
                os.kill(worker, signal.SIGKILL)
                killed += 1
            threads[0].join(2)
        for thread in threads:
            thread.join(240)
        stop.set()
        assert killed, "a worker is killed while clients wait"
        assert accepted == Counter((name, factor) for name in names for factor in range(CODES))
        metrics = httpx.get(f"{served.url}/metrics", headers=served.headers, timeout=60).text
        assert 'keyfob_verdicts_total{verdict="accepted"}' in metrics
        assert served.stop() == 0
        with served.open() as host:
            assert host.audit_faults() == []
            taken = [entry for _, entry in host.audit_rows() if entry.outcome == "accepted"]
            assert sum(entry.event == "verify" for entry in taken) == CODES * len(names)


def test_a_stop_answers_what_was_asked_and_a_slow_client_is_let_go(tmp_path: Path) -> None:
    with serving(tmp_path / "host") as served:
        host, port = served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 60) as slow:
            slow.sendall(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\n")
            began = time.monotonic()
            assert slow.recv(1000) == b"", "closed without an answer"
            assert time.monotonic() - began > 5
        with socket.create_connection((host, int(port)), 60) as slow:
            head = "POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{"
            slow.sendall(head.encode())
            assert b"408" in slow.recv(1000).splitlines()[0]
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(60) == 0


def test_tls_serves_and_nothing_is_said_in_the_clear(tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    words = ("--tls-certificate", str(certificate), "--tls-key", str(key))
    with serving(tmp_path / "host", *words) as served:
        context = ssl.create_default_context(cafile=str(certificate))
        assert httpx.get(f"{served.url}/health", verify=context).json() == {"status": "ok"}

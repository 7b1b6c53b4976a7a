"""The bench over HTTP against programs that we did not write: schemathesis, and Java's client."""

import re
from pathlib import Path

from emulator.settings import HttpSettings
from tests.emulator.bench_talk import rack_of
from tests.emulator.http.http_talk import TOKEN, HttpTalk, with_http
from tests.emulator.http.test_examples import EXAMPLES, run
from tests.strangers.environments import programs_of, python_with

CHECKS = ",".join(
    (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    )
)
"""What schemathesis holds each answer to: no 5xx, and nothing that the document does not say."""

EXAMPLES_EACH = 10
SECONDS = 1500


def test_schemathesis_finds_no_500_and_nothing_undocumented(tmp_path: Path) -> None:
    python = python_with("schemathesis", "schemathesis>=4")

    async def act(talk: HttpTalk) -> None:
        status, said = await run(
            *(str(python.with_name("schemathesis")), "run", f"{talk.address}/openapi.json"),
            *("--header", f"Authorization: Bearer {TOKEN}"),
            *("--checks", CHECKS, "--max-examples", str(EXAMPLES_EACH), "--seed", "1"),
            *("--exclude-path", "/events", "--request-timeout", "60"),
            # A wait for a display may last as long as its own time-out says.
            *("--exclude-path-regex", "display/wait"),
            *("--phases", "examples,coverage,fuzzing", "--workers", "1"),
        )
        print(said)  # noqa: T201 - the count belongs into the report
        assert status == 0, said
        assert re.search(r"\d+ generated", said)
        assert await talk.value("/instrument/count") == 2

    http = HttpSettings("127.0.0.1", 0, TOKEN.encode())
    with_http(act, rack_of(count=2, preset="in-use", http=http), patience=SECONDS)


def test_javas_own_client_presses_and_reads() -> None:
    (java,) = programs_of("default-jdk-headless", "java")

    async def act(talk: HttpTalk) -> None:
        command = (str(java), str(EXAMPLES / "Press.java"), talk.address, TOKEN)
        assert await run(*command, "1") == (0, "287082")  # RFC 4226, appendix D: count 1
        status, said = await run(*command, "9")
        assert status != 0
        assert "channel 9" in said

    with_http(act)

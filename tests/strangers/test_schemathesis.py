"""The API as its own OpenAPI document describes it, tried by schemathesis: no answer of 500."""

import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.strangers.environments import python_with
from tests.strangers.served_host import serving

VERSION = "4.4.4"
EXAMPLES = os.environ.get("KEYFOB_SCHEMATHESIS_EXAMPLES", "")
"""Bodies tried for each resource, beside those that the document suggests; all resources then."""

A_SHARE = "^/(v1/(verify|exchange|extend|status.*|audit|profiles)|health|problems.*)$"
"""Without it: of the twelve moves, which are made of one table, one."""


@pytest.fixture(scope="module")
def program() -> Path:
    return python_with("schemathesis", f"schemathesis=={VERSION}", "hypothesis==6.140.3").with_name(
        "schemathesis"
    )


def test_no_request_that_the_document_allows_or_forbids_is_answered_500(
    program: Path, tmp_path: Path
) -> None:
    with serving(tmp_path / "host", "--rate", "0") as served:
        done = subprocess.run(
            [
                *(str(program), "run", f"{served.url}/openapi.json"),
                *("--header", f"Authorization: Bearer {served.secret}"),
                *("--max-examples", EXAMPLES or "4", "--seed", "2030", "--no-color"),
                *(() if EXAMPLES else ("--include-path-regex", A_SHARE)),
                *("--checks", "not_a_server_error,status_code_conformance"),
                *("--checks", "content_type_conformance,response_schema_conformance"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        counted = re.search(r"([\d,]+) generated", done.stdout)
        assert counted, done.stdout[-2000:]
        assert int(counted[1].replace(",", "")) > 100, "it tries something"
        assert httpx.get(f"{served.url}/health").status_code == 200
        assert '"level": "critical"' not in served.log.read_text("utf-8")
        assert served.secret not in served.log.read_text("utf-8")
        with served.open() as host:
            assert host.audit_faults() == []

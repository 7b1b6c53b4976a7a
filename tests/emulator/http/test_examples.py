"""The examples of other languages' own HTTP clients: they press a fob and print its code."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.emulator.http.http_talk import TOKEN, HttpTalk, with_http

EXAMPLES = Path(__file__).parents[3] / "examples" / "http"


@pytest.mark.parametrize(
    ("program", "needs", "example"),
    [("sh", "curl", "press.sh"), ("node", "node", "press.mjs")],
)
def test_an_example_prints_the_code(program: str, needs: str, example: str) -> None:
    if shutil.which(needs) is None:
        pytest.skip(f"{needs} is not installed")

    async def act(talk: HttpTalk) -> None:
        command = (program, str(EXAMPLES / example), talk.address, TOKEN)
        assert await run(*command, "1") == (0, "287082")  # RFC 4226, appendix D: count 1
        status, said = await run(*command, "9")
        assert status != 0
        assert "channel 9" in said

    with_http(act)


async def run(*command: str) -> tuple[int | None, str]:
    """Return the exit status of a program and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode().strip()

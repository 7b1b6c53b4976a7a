"""Which spellings of an address name the same port."""

from pathlib import Path

import pytest

from emulator.ports.same_port import is_same_port


@pytest.mark.parametrize(
    ("announced", "named", "same"),
    [
        ("tcp:127.0.0.1:7000", "socket://localhost:7000", True),
        ("tcp:127.0.0.1:7000", "tcp:[::1]:7000,response=5", True),
        ("tcp:127.0.0.1:7000", "tcp:127.0.0.1:7001", False),
        ("tcp:192.0.2.1:7000", "tcp:127.0.0.1:7000", False),
        ("rfc2217:127.0.0.1:7000", "rfc2217://127.0.0.1:7000?logging=debug", True),
        ("pty:/dev/null", "/dev/null", True),
        ("serial:/dev/null,9600", "serial:/dev/null", True),
        ("pty:/dev/null", "loop://", False),
        ("tcp:127.0.0.1:7000", "nonsense", False),
        ("tcp:127.0.0.1:7000", "tcp:", False),
    ],
)
def test_addresses_are_compared_by_what_they_name(announced: str, named: str, same: bool) -> None:
    assert is_same_port(announced, named) is same


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "line").symlink_to("/dev/null")
    assert is_same_port(f"pty:{tmp_path / 'line'}", "/dev/null")

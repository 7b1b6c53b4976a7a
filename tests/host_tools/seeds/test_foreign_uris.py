"""URIs whose codes are not OATH's: left out by name, and the good ones beside them are read."""

from pathlib import Path

import pytest

from host_tools.seeds import Remark, read
from tests.host_tools.seeds.test_authenticators import BASE32, fault_of, uri

FOREIGN_URIS = [
    (uri("Steam:user", issuer="Steam", digits="5"), "a Steam key", "Steam:user"),
    (uri(encoder="Steam"), "a Steam key", "x:user"),
    (uri("Steam%3Auser", digits="5").replace("totp", "steam"), "a Steam key", "Steam:user"),
    (f"steam://{BASE32}", "a Steam key", ""),
    (uri("x:kim").replace("totp", "motp"), "an mOTP key", "x:kim"),
    ("motp://Secure:kim?secret=0123456789abcdef0123456789abcdef", "an mOTP key", "Secure:kim"),
]


@pytest.mark.parametrize(("text", "what", "name"), FOREIGN_URIS)
def test_foreign_uris_are_left_out_by_name_and_the_good_ones_are_read(
    text: str, what: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / "f"
    path.write_text(f"# kept by hand\n{text}\n{uri()}\n")
    notices: list[Remark] = []
    assert [record.serial_number for record in read(path, notice=notices.append)] == ["user"]
    (left,) = notices
    assert left.left_out
    assert left.text.startswith(f"left out: {what}")
    assert left.where == (f"line 2, {name}" if name else "line 2")
    assert "left out: " + what in fault_of(path, text)

"""What opens a seed file: by file, environment, or as an argument with a warning."""

from pathlib import Path

import click
import pytest

from firmware_model.errors import BadInput
from keyfob.cli.seed_input import SeedSecretOptions, read_seeds

KEY = "000102030405060708090a0b0c0d0e0f"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEYFOB_PSK", raising=False)
    monkeypatch.delenv("KEYFOB_PASSPHRASE", raising=False)


def test_a_pre_shared_key_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "psk"
    path.touch(mode=0o600)
    path.write_text(f"{KEY}\n")
    assert SeedSecretOptions(path).secret().key == bytes(range(16))


def test_a_key_file_that_others_may_read_is_taken_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "psk"
    path.write_text(KEY)
    path.chmod(0o644)
    assert SeedSecretOptions(path).secret().key == bytes(range(16))
    assert capsys.readouterr().err == f"warning: others may read {path}; chmod 600 {path}\n"


def test_a_pre_shared_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYFOB_PSK", KEY)
    assert SeedSecretOptions().secret().key == bytes(range(16))


def test_a_file_goes_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYFOB_PSK", "ff" * 16)
    path = tmp_path / "psk"
    path.touch(mode=0o600)
    path.write_text(KEY)
    assert SeedSecretOptions(path).secret().key == bytes(range(16))


def test_no_key_is_none() -> None:
    assert SeedSecretOptions().secret().key is None


def test_a_key_as_an_argument_is_taken_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert SeedSecretOptions(psk=KEY).secret().key == bytes(range(16))
    assert "--psk on a command line can be seen by others" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "SECRET", "abc"])
def test_what_is_no_hex_is_refused_without_repeating_it(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYFOB_PSK", text)
    with pytest.raises(click.UsageError) as caught:
        SeedSecretOptions().secret()
    assert caught.value.message.startswith("invalid key in KEYFOB_PSK: expected 32")
    assert "SECRET" not in caught.value.message


def test_a_passphrase_comes_from_the_environment_or_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert SeedSecretOptions().secret().passphrase is None
    monkeypatch.setenv("KEYFOB_PASSPHRASE", "from here")
    assert SeedSecretOptions().secret().passphrase == "from here"
    assert capsys.readouterr().err == ""
    assert SeedSecretOptions(passphrase="from there").secret().passphrase == "from there"
    assert "--passphrase on a command line" in capsys.readouterr().err


def test_an_empty_passphrase_is_refused_wherever_it_comes_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(BadInput, match="--passphrase is empty"):
        SeedSecretOptions(passphrase="").secret()
    monkeypatch.setenv("KEYFOB_PASSPHRASE", "")
    with pytest.raises(BadInput, match="KEYFOB_PASSPHRASE is empty"):
        SeedSecretOptions().secret()


def test_its_repr_holds_no_secret() -> None:
    assert "00010203" not in repr(SeedSecretOptions(psk=KEY, passphrase="00010203"))


def test_what_is_doubted_or_left_out_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.csv"
    seed = "a5f5ff152f408a5f2b04c92f96332e928512ed8a"
    path.write_text(f"A1,{seed},totp\nA2,{seed[::-1]},ocra\n")
    assert len(read_seeds(path, SeedSecretOptions())) == 1
    said = capsys.readouterr().err
    assert "warning: " in said
    assert "it does not say its time step; 30 s taken" in said
    assert "left out: an OCRA key (RFC 6287) (1: line 2, A2)" in said
    assert seed[:8] not in said

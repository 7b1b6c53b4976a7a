"""Reader entries for pcscd: what stands in them, whose names are taken, what is left behind."""

import re
from pathlib import Path

import pytest

from emulator.app import CardReader
from firmware_model.errors import BadInput, InUse
from keyfob.reader_entries import OURS, ReaderFolder, ports_in, reader_port

NAME = "Yubico YubiKey CCID"


def serial(number: int, folder: Path) -> CardReader:
    return CardReader(NAME, f"pty:{folder}/ports/fob{number},link=ccid", f"ZZYK{number:08d}")


def virtual(number: int) -> CardReader:
    return CardReader(NAME, f"vpcd:127.0.0.1:{35963 + number}", f"ZZYK{number:08d}")


def test_an_entry_names_terminal_driver_and_reader(tmp_path: Path) -> None:
    folder = ReaderFolder(str(tmp_path), [serial(1, tmp_path), serial(2, tmp_path)], 2)
    folder.write()
    written = (tmp_path / "keyfob-ZZYK00000002").read_text("utf-8").splitlines()
    assert written[1:3] == [
        'FRIENDLYNAME "Yubico YubiKey CCID"',
        f"DEVICENAME {tmp_path}/ports/fob2:GemPCTwin",
    ]
    assert written[3].endswith("/pcsc/drivers/serial/libccidtwin.so")
    assert written[4] == "CHANNELID 1"
    assert folder.command == f"pcscd --foreground --config {tmp_path}"
    folder.remove()
    assert list(tmp_path.iterdir()) == []


def test_an_entry_of_a_virtual_reader_names_its_port(tmp_path: Path) -> None:
    folder = ReaderFolder(str(tmp_path), [virtual(0)], 1)
    folder.write()
    text = (tmp_path / "keyfob-ZZYK00000000").read_text("utf-8")
    assert "DEVICENAME /dev/null:0x8C7B\n" in text
    assert "libifdvpcd.so\nCHANNELID 35963\n" in text


def test_a_driver_that_is_not_installed_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keyfob.reader_entries.LIBRARY_FOLDERS", (str(tmp_path / "none"),))
    assert ReaderFolder(str(tmp_path), [virtual(0)], 1).warnings == [
        "libifdvpcd.so is not installed here: the package vsmartcard-vpcd has it on Debian"
    ]


def test_a_name_in_somebody_elses_entry_is_taken(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text(f'# a real one\nFRIENDLYNAME "{NAME}"\n', "utf-8")
    with pytest.raises(InUse, match=re.escape(f"{NAME!r} is taken by {tmp_path}/mine")):
        ReaderFolder(str(tmp_path), [serial(1, tmp_path)], 1)


def test_our_own_entry_of_a_run_that_was_killed_is_written_over(tmp_path: Path) -> None:
    left = tmp_path / "keyfob-ZZYK00000001"
    left.write_text(f'{OURS}FRIENDLYNAME "{NAME}"\n', "utf-8")
    ReaderFolder(str(tmp_path), [serial(1, tmp_path)], 1).write()
    assert "DEVICENAME" in left.read_text("utf-8")


@pytest.mark.parametrize(
    ("readers", "said"),
    [
        ([serial(n, Path("/x")) for n in range(17)], "17 fobs make 17 readers"),
        ([virtual(n) for n in range(9)], "9 fobs make 18 readers and pcscd opens at most 16"),
        ([CardReader(NAME, "tcp:127.0.0.1:1,link=ccid", "Z")], "pcscd opens no tcp: port"),
    ],
)
def test_more_than_pcscd_opens(tmp_path: Path, readers: list[CardReader], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        ReaderFolder(str(tmp_path), readers, len(readers))


def test_sixteen_are_right(tmp_path: Path) -> None:
    readers = [serial(number, tmp_path) for number in range(16)]
    assert len(ReaderFolder(str(tmp_path), readers, 16).entries) == 16


def test_every_fob_must_be_in_a_reader(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--pcsc needs every fob in a card reader"):
        ReaderFolder(str(tmp_path), [serial(1, tmp_path)], 2)


@pytest.mark.parametrize("name", ["with space", "with:colon", 'with"mark'])
def test_a_path_that_pcscd_cannot_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="pcscd reads no path with spaces, colons or quotation"):
        reader_port(str(tmp_path / name))


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="expected a folder"):
        reader_port(str(tmp_path / "file"))
    with pytest.raises(BadInput, match="cannot make the folder"), ports_in(str(tmp_path / "file")):
        pass


def test_the_folder_goes_where_nothing_is_left_in_it(tmp_path: Path) -> None:
    with ports_in(str(tmp_path / "readers")):
        assert (tmp_path / "readers/ports").is_dir()
    assert not (tmp_path / "readers").exists()
    (tmp_path / "readers").mkdir()
    (tmp_path / "readers/theirs").touch()
    with ports_in(str(tmp_path / "readers")):
        pass
    assert (tmp_path / "readers/theirs").exists()

"""Card programs that people have, on virtual fobs, over real pcscd: ykman, yubikit, opensc, ours.

Yubico's own device tests come with the source of its manager; a Molto2's host is
`molto2_client.py`, which was written from the published command set alone.
"""

import json
import re
import subprocess
import sys
import tarfile
import time
import tomllib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from firmware_model.generators import OtpKind
from host_tools.client.bench import BenchClient
from host_tools.seeds import Secret, SeedRecord, write
from tests.strangers import environments
from tests.strangers.card_world import CardWorld, card_world, until

YKMAN_VERSION = "5.9.2"
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
IMPORTED = 30
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The secret of RFC 4226 appendix D in base 32."""
LIBRARIES = ("usr/lib", "usr/lib64")


@pytest.fixture(scope="module")
def host() -> Path:
    """The Python of an environment with ykman, which is compiled against the PC/SC headers."""
    environments.programs_of("swig", "swig")
    environments.programs_of("gcc", "gcc")
    if not Path("/usr/include/PCSC/winscard.h").exists():
        environments.debian_package("libpcsclite-dev")
    return environments.python_with(
        "ykman", f"yubikey-manager=={YKMAN_VERSION}", "pytest", "makefun", "pyscard"
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CardWorld]:
    with card_world(tmp_path) as made:
        yield made


@pytest.fixture
def reader(world: CardWorld, host: Path) -> Iterator[CardWorld]:
    """One OATH fob in a serial reader, as `keyfob run --pcsc` makes it."""
    need_library("libccidtwin.so", "libccid")
    with world.fobs("--model", "ykoath", "--pcsc", world.readers, "--dice", "strangers"):
        world.start_pcscd()
        yield world


def need_library(name: str, package: str) -> None:
    folders = [Path("/", folder, "pcsc/drivers/serial") for folder in LIBRARIES]
    if not any((folder / name).exists() for folder in folders):
        environments.debian_package(package)
    if not any((folder / name).exists() for folder in folders):
        pytest.skip(f"{name} is not installed: apt-get install {package}")


class Ykman:
    """The unmodified program."""

    def __init__(self, world: CardWorld, host: Path, *options: str) -> None:
        self._world = world
        self._program = host.parent / "ykman"
        self._options = options

    def __call__(self, *words: str | Path, status: int = 0) -> str:
        return self._world.run(self._program, *self._options, *words, status=status)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        command = self._world.inside(self._program, *self._options, *words)
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )


def test_yubicos_device_tests_pass(reader: CardWorld, host: Path, tmp_path: Path) -> None:
    pip = [str(host), "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    wanted = f"yubikey-manager=={YKMAN_VERSION}"
    done = subprocess.run(
        [*pip, "-d", tmp_path, wanted], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"the source of {wanted} cannot be had: {done.stderr.strip()[-200:]}")
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = (path for path in tmp_path.glob("yubikey_manager-*") if path.is_dir())
    serial = Ykman(reader, host)("list", "--serials").strip()
    said = reader.run(
        "env", "-C", source, host, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider",
        "tests/device/test_oath.py", "tests/device/cli/test_oath.py", "--device", serial,
    )  # fmt: skip
    sys.stdout.write(said)
    counts = {
        word: int(number) for number, word in re.findall(r"(\d+) (\w+)", said.splitlines()[-1])
    }
    assert counts["passed"] >= 75
    assert set(counts) <= {"passed", "skipped", "warnings", "in"}
    assert said.count("Requires YK4 FIPS") == counts["skipped"]


class TestYkman:
    def test_what_people_type(self, reader: CardWorld, host: Path, tmp_path: Path) -> None:
        ykman = Ykman(reader, host)
        assert re.fullmatch(r"YubiKey 5A \(5\.7\.4\) \[CCID\] Serial: \d+\n", ykman("list"))
        assert "OATH        \tEnabled" in ykman("info")
        ykman("oath", "accounts", "add", "-i", "bank", "alice", SECRET)
        ykman("oath", "accounts", "add", "-o", "HOTP", "old", SECRET)
        assert ykman("oath", "accounts", "list").split() == ["bank:alice", "old"]
        codes = [ykman("oath", "accounts", "code", "-s", "old").strip() for _ in range(3)]
        assert codes == ["755224", "287082", "359152"]  # RFC 4226 appendix D
        assert re.search(r"bank:alice +\d{6}", ykman("oath", "accounts", "code"))
        ykman("oath", "accounts", "rename", "-f", "alice", "bank:bob")
        ykman("oath", "accounts", "delete", "-f", "old")
        assert ykman("oath", "accounts", "list").split() == ["bank:bob"]
        ykman("oath", "access", "change", "-n", "secret")
        assert "bank:bob" in ykman("oath", "accounts", "list", "-p", "secret")
        assert ykman("oath", "accounts", "list", "-p", "wrong", status=1) == ""
        ykman("oath", "reset", "-f")
        assert ykman("oath", "accounts", "list") == ""

    def test_it_loads_a_file_of_seeds(self, reader: CardWorld, host: Path, tmp_path: Path) -> None:
        records = [
            SeedRecord(
                serial_number=f"ZZH6{number:08d}", credential_id=f"ZZH6{number:08d}",
                seed=bytes([number]) * 20, kind=OtpKind.HOTP, manufacturer="oath.ZZ",
            )
            for number in range(1, IMPORTED + 1)
        ]  # fmt: skip
        write(tmp_path / "seeds.pskcxml", records, Secret(), "pskc", plain=True)
        ykman = Ykman(reader, host)
        began = time.monotonic()
        ykman("oath", "accounts", "import", "--force", tmp_path / "seeds.pskcxml")
        sys.stdout.write(f"{IMPORTED} credentials imported in {time.monotonic() - began:.1f} s\n")
        assert len(ykman("oath", "accounts", "list").splitlines()) == IMPORTED

    def test_a_touch_is_the_fobs_own_button(self, reader: CardWorld, host: Path) -> None:
        ykman = Ykman(reader, host)
        ykman(
            "oath",
            "accounts",
            "add",
            "-t",
            "-o",
            "HOTP",
            "touchy",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        )
        with BenchClient(reader.bench) as bench:
            asking = ykman.start("oath", "accounts", "code", "-s", "touchy")
            assert bench.wait_for_text("touch*", 60) is not None
            bench.press()
            said, _ = asking.communicate(timeout=60)
            assert asking.returncode == 0, said
            assert said.split()[-1] == "755224"
            refused = ykman.start("oath", "accounts", "code", "-s", "touchy")
            said, _ = refused.communicate(timeout=60)
            assert refused.returncode == 1
            assert "Touch" in said

    def test_a_virtual_reader_comes_back_when_pcscd_starts_again(
        self, world: CardWorld, host: Path
    ) -> None:
        need_library("libifdvpcd.so", "vsmartcard-vpcd")
        port = ("--port", "vpcd:127.0.0.1:35963")
        with world.fobs("--model", "ykoath", "--pcsc", world.readers, "--dice", "strangers", *port):
            for again in (False, True):
                world.start_pcscd()
                # Debian's driver makes a second, empty reader beside each.
                ykman = Ykman(world, host)
                until(partial(ykman, "list", "--serials"), "the fob comes")
                serial = ykman("list", "--serials").strip()
                named = Ykman(world, host, "--device", serial)
                if not again:
                    named("oath", "accounts", "add", "kept", "ABBA")
                assert named("oath", "accounts", "list").split() == ["kept"]
                world.stop_pcscd()

    def test_sixteen_readers(self, world: CardWorld, host: Path) -> None:
        need_library("libccidtwin.so", "libccid")
        with world.fobs("--model", "ykoath", "--count", "16", "--pcsc", world.readers):
            world.start_pcscd()
            ykman = Ykman(world, host)
            until(lambda: len(ykman("list", "--readers").splitlines()) == 16, "all are there")
            assert len(set(ykman("list", "--serials").split())) == 16


def test_yubikit_opens_scp03_to_the_applet(reader: CardWorld, host: Path) -> None:
    said = reader.run(host, HERE / "yubikit_scp03.py")
    assert said.strip() == "['name'] {'name': '94287082'} 07081804 []"  # RFC 6238 appendix B


def test_opensc_reads_the_answer_to_reset_and_sends_a_command(reader: CardWorld) -> None:
    tool = environments.programs_of("opensc", "opensc-tool")[0]
    assert "3b:fd:13:00:00:81:31:fe:15:80:73" in reader.run(tool, "--reader", "0", "--atr")
    said = reader.run(tool, "--reader", "0", "--send-apdu", "00A4040007A0000005272101")
    assert "SW1=0x90, SW2=0x00" in said


class TestMolto2:
    @pytest.fixture
    def molto2(self, world: CardWorld, host: Path) -> Iterator[CardWorld]:
        need_library("libccidtwin.so", "libccid")
        with world.fobs("--model", "molto2", "--pcsc", world.readers, "--dice", "strangers"):
            world.start_pcscd()
            yield world

    def do(self, world: CardWorld, host: Path, *words: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(world.run(host, HERE / "molto2_client.py", *words))
        return found

    def test_a_host_that_knows_only_the_published_command_set(
        self, molto2: CardWorld, host: Path
    ) -> None:
        loaded = self.do(molto2, host, "load")
        assert loaded["statuses"] == [0x9000] * 5
        profile, other = loaded["profile"], loaded["other"]
        assert isinstance(profile, dict)
        assert isinstance(other, dict)
        assert (profile["title"], profile["digits"], profile["has_seed"]) == ("Google", 8, True)
        assert other["has_seed"] is False
        with BenchClient(molto2.bench) as bench:
            bench.press()
            assert re.fullmatch(r"\d{8}", bench.display().text.strip())
            assert self.do(molto2, host, "key") == {"status": 0x9060}
            assert bench.display().text.strip() == "New key? Press"
            bench.press()
            wrong = self.do(molto2, host, "authenticate")
            assert wrong["status"] == 0x6307
            right = self.do(molto2, host, "authenticate", "a key of our own")
            assert right["status"] == 0x9000
            assert self.do(molto2, host, "reset") == {"status": 0x9060}
            bench.press()
            assert self.do(molto2, host, "authenticate")["status"] == 0x9000


class TestOurOwnHost:
    @pytest.fixture
    def own(self) -> Path:
        """The Python of an environment with what we need, and pyscard."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        wanted = [*project["dependencies"], *project["optional-dependencies"]["pcsc"]]
        return environments.python_with("card-host", *wanted)

    @pytest.mark.usefixtures("host")
    def test_info_and_provision_go_through_a_reader(
        self, reader: CardWorld, own: Path, tmp_path: Path
    ) -> None:
        def keyfob(*words: str, status: int = 0) -> str:
            words = ("-C", str(tmp_path), str(own), "-m", "keyfob", *words)
            return reader.run("env", *words, status=status, PYTHONPATH=str(ROOT))

        found = json.loads(keyfob("info", "--port", "pcsc:yubikey", "--json"))
        assert (found["model"], found["life_cycle"]) == ("ykoath", "blank")
        keyfob("seeds", "generate", "--model", "fob-h6", "--out", "seeds.pskcxml")
        keyfob("provision", "seeds.pskcxml", "--port", "pcsc:Yubico YubiKey CCID 00 00")
        found = json.loads(keyfob("info", "--port", "pcsc:yubikey", "--json"))
        assert (found["serial_number"], found["life_cycle"]) == ("ZZH600000001", "personalised")
        keyfob("info", "--port", "pcsc:nobody", status=3)

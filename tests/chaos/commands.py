"""Commands that write, as data: their words, what must be there before, and what they make."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

SEED = "7b1de0c2a94f5386d01b6c3e8fa27594c0d3e1b2"
"""The seed of the token T1: twenty bytes that occur nowhere else."""

PRE_SHARED_KEY = "5fd924625f6ab16a19cc9807c7c506ae"
START_PASSWORD = "90417352"
PASSPHRASE = "correct horse battery staple"
COMPONENTS = ("c1f0" * 16, "37a9" * 16)

SECRETS = (SEED, PRE_SHARED_KEY, START_PASSWORD, PASSPHRASE, *COMPONENTS)
INPUTS = ("seeds.csv", "psk", "component1", "component2")
"""Files of the folder that hold secrets because the user put them there."""

ENVIRONMENT = {
    "KEYFOB_HOST_STORE": "host.db",
    "KEYFOB_HOST_KEY_FILE": "host.key",
    "KEYFOB_SOFT_STORE": "soft.db",
    "KEYFOB_SOFT_KEY_FILE": "soft.key",
    "KEYFOB_STATION_LEDGER": "tray.db",
    "KEYFOB_STATION_KEY_FILE": "tray.key",
    "TMPDIR": "temporary",
    "KEYFOB_PASSPHRASE": PASSPHRASE,
}


@dataclass(frozen=True, slots=True)
class WritingCommand:
    """A command that writes `makes`, files in the folder it works in.

    `typed` is what it reads from standard input; `code` says that it is given T1's next code.
    `refusal` are words with which it refuses to be done twice; "" where it can be. `fobs` says
    that it works on a line of fobs, at the place that stands as {place} among its words.
    `keeps` are files that stay when it failed, since they are whole and used by the next try;
    `uses` are words of which an error may name one where it is not about what the command makes.
    """

    words: Sequence[str]
    makes: tuple[str, ...]
    typed: str = ""
    code: bool = False
    refusal: str = ""
    fobs: bool = False
    keeps: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()

    def at(self, place: int) -> "WritingCommand":
        """Return the command for the fob at that place of the line."""
        return replace(self, words=tuple(word.format(place=place) for word in self.words))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that an error may name: what it makes, and what it works on."""
        return (*self.makes, *(("host.db",) if self.words[0] == "host" else ()), *self.uses)

    @property
    def statuses(self) -> tuple[int, ...]:
        """What a fault of the machine may end with (ARCHITECTURE §4); 0 where it was not met."""
        # A scenario that cannot be played has failed.
        return (0, 1, 2, 3, 5) if self.words[0] == "scenario" else (0, 2, 3, 5)

    @property
    def name(self) -> str:
        """What a test is called by."""
        return " ".join(word for word in self.words[:2] if not word.startswith("-"))


COMMANDS = (
    WritingCommand(
        ("seeds", "generate", "--model", "fob-h6", "--count", "40", "--out", "new.pskcxml"),
        ("new.pskcxml",),
    ),
    WritingCommand(
        (
            "seeds",
            "convert",
            "seeds.csv",
            "--to",
            "pskc",
            "--out",
            "out.xml",
            "--out-psk-file",
            "psk",
        ),
        ("out.xml",),
    ),
    WritingCommand(
        (
            "keys",
            "combine",
            "--out",
            "fresh.keys",
            "--for",
            "device",
            "--name",
            "K1",
            "--version",
            "1",
            "--component",
            "component1",
            "--component",
            "component2",
        ),
        ("fresh.keys",),
        typed=f"{PASSPHRASE}\n{PASSPHRASE}\n",
    ),
    WritingCommand(
        ("host", "init", "--store", "second.db", "--key-file", "second.key"),
        ("second.db", "second.key"),
    ),
    WritingCommand(("host", "import", "more.csv"), ("host.db",), refusal="known already"),
    WritingCommand(
        ("host", "assign", "--token", "T2", "--user", "acme/kim"),
        ("host.db",),
        refusal="is assigned",
    ),
    WritingCommand(("host", "verify", "--token", "T1"), ("host.db",), code=True, refusal="used"),
    WritingCommand(("host", "backup", "copy.db"), ("copy.db",), refusal="the file exists already"),
    WritingCommand(
        ("verify", "--seeds", "seeds.csv", "--token", "T1", "--state", "st"),
        ("st",),
        code=True,
        refusal="used",
    ),
    WritingCommand(
        ("soft", "init", "--store", "apps.db", "--key-file", "apps.key"), ("apps.db", "apps.key")
    ),
    WritingCommand(
        ("soft", "issue", "--service", "KEYFOB01"), ("soft.db",), typed=f"{START_PASSWORD}\n"
    ),
    WritingCommand(
        (
            "run",
            "--model",
            "fob-h6",
            "--port",
            "pty:./fob",
            "--bench",
            "tcp:127.0.0.1:0",
            "--store",
            "fobs.db",
            "--until-eof",
        ),
        ("fobs.db",),
        uses=("pty:./fob",),
    ),
    WritingCommand(
        (
            "station",
            "run",
            "--seeds",
            "seeds.csv",
            "--addresses",
            "{place}",
            "--confirm",
            "bench",
            "--test-keys",
        ),
        ("tray.db", "tray.key"),
        fobs=True,
        keeps=("tray.db", "tray.key"),
    ),
    WritingCommand(
        ("scenario", "run", "one.feature", "--junit", "out.xml"),
        ("out.xml",),
        keeps=("out.xml",),
        uses=("store.db", "TMPDIR"),
    ),
)


FEATURE = """Feature: a fob
  Scenario: one code
    Given the fob is a new "fob-h6"
    When the fob is loaded with a fresh seed
    And I press the button of the fob
    Then the fob shows a code of 6 digits
"""


def environment(folder: Path, **line: str) -> dict[str, str]:
    """Return the environment of a command that works in `folder`, and the variables of a line."""
    places = {
        name: value if name == "KEYFOB_PASSPHRASE" else str(folder / value)
        for name, value in ENVIRONMENT.items()
    }
    # A byte-code file that a limit cut short would harm whoever imports it next.
    places["PYTHONDONTWRITEBYTECODE"] = "1"
    return {**os.environ, **places, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), **line}


def prepare(folder: Path) -> None:
    """Make what the commands build on: seed files, stores with a token in use, components."""
    (folder / "seeds.csv").write_text(f"T1, {SEED}, hotp, 6, 0\n")
    (folder / "second.csv").write_text("T2, 3132333435363738393031323334353637383930, hotp, 6, 0\n")
    more = "".join(f"M{n:04}, {n:040x}, hotp, 6, 0\n" for n in range(0x1000, 0x1100))
    (folder / "more.csv").write_text(more)
    (folder / "one.feature").write_text(FEATURE)
    (folder / "temporary").mkdir()
    for name, content in (
        ("psk", PRE_SHARED_KEY),
        ("component1", COMPONENTS[0]),
        ("component2", COMPONENTS[1]),
    ):
        (folder / name).write_text(content + "\n")
        (folder / name).chmod(0o600)
    for words in (
        ("host", "init"),
        ("host", "import", "seeds.csv"),
        ("host", "import", "second.csv"),
        ("host", "enroll", "--token", "T1", "--user", "acme/lee"),
        ("soft", "init"),
    ):
        code = next_code(0) if "enroll" in words else ""
        done = subprocess.run(
            [sys.executable, "-m", "keyfob", *words],
            cwd=folder,
            env={**environment(folder), **({"KEYFOB_CODE": code} if code else {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (words, done.stderr)


def next_code(counter: int) -> str:
    """Return a code of T1."""
    from firmware_model.generators import OtpKey

    return OtpKey(bytes.fromhex(SEED)).code(counter, 6)


def copy_folder(template: Path, folder: Path) -> None:
    """Make `folder` as the template is."""
    shutil.copytree(template, folder, dirs_exist_ok=True)

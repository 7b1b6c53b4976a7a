"""What LinOTP's own parsers make of a seed file; runs in an environment of its own, not in ours.

    python linotp_import.py SOURCE oath|pskc|safenet|dat FILE [--psk HEX] [--passphrase TEXT]

SOURCE is a clone of LinOTP. Its parsers stand alone, but its packages start a whole server, so
those are entered without running them.
"""

import argparse
import json
import sys
from pathlib import Path
from types import ModuleType

PACKAGES = ("linotp", "linotp.lib", "linotp.lib.crypto", "linotp.lib.ext")


def enter_packages(source: Path) -> None:
    sys.path.insert(0, str(source))
    for name in PACKAGES:
        package = ModuleType(name)
        package.__path__ = [str(source / name.replace(".", "/"))]
        sys.modules[name] = package


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("kind", choices=["oath", "pskc", "safenet", "dat"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--psk")
    parser.add_argument("--passphrase")
    given = parser.parse_args()
    enter_packages(given.source)
    text = given.file.read_text("utf-8")
    if given.kind == "oath":
        from linotp.lib.ImportOTP.oath import parseOATHcsv

        tokens = parseOATHcsv(text)
    elif given.kind == "safenet":
        from linotp.lib.ImportOTP.safenet import parseSafeNetXML

        tokens = parseSafeNetXML(text)
    elif given.kind == "dat":
        from linotp.lib.ImportOTP.eTokenDat import parse_dat_data

        tokens = parse_dat_data(text, "1.1.2000")
    else:
        from linotp.lib.ImportOTP.PSKC import parsePSKCdata

        xml = text.encode()
        tokens = parsePSKCdata(
            xml, preshared_key_hex=given.psk, password=given.passphrase, do_checkserial=False
        )
    sys.stdout.write(json.dumps(tokens, default=lambda value: value.decode()))


if __name__ == "__main__":
    main()

"""Make transfers of Google Authenticator with the protobuf library, in an environment of its own.

    python migration_make.py FOLDER < accounts.json     print one URI a line

FOLDER takes what protoc makes of migration.proto. The input is a list of parts, each an object with
the fields of Transfer; secrets are hexadecimal.
"""

import base64
import importlib
import json
import sys
from pathlib import Path
from urllib.parse import quote

from google.protobuf.json_format import ParseDict
from grpc_tools import protoc

PROTO = Path(__file__).with_name("migration.proto")


def main() -> None:
    folder = sys.argv[1]
    protoc.main(["protoc", f"-I{PROTO.parent}", f"--python_out={folder}", str(PROTO)])
    sys.path.insert(0, folder)
    transfer = importlib.import_module("migration_pb2").Transfer
    for part in json.load(sys.stdin):
        for account in part["accounts"]:
            # protobuf's JSON has bytes in base64
            account["secret"] = base64.b64encode(bytes.fromhex(account["secret"])).decode()
        message = ParseDict(part, transfer())
        data = quote(base64.b64encode(message.SerializeToString()).decode(), safe="")
        sys.stdout.write(f"otpauth-migration://offline?data={data}\n")


if __name__ == "__main__":
    main()

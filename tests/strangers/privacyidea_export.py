"""What privacyIDEA writes and reads; runs in its environment, not in ours.

    python privacyidea_export.py export FOLDER       write FOLDER/export.xml
    python privacyidea_export.py import FILE [HEX]   print what its import makes of FILE, as JSON

Its random bytes are fixed, so that an export is the same each time.
"""

import json
import os
import random
import sys
from pathlib import Path

from privacyidea.app import create_app
from privacyidea.lib import importotp
from privacyidea.lib.token import get_tokens, init_token
from privacyidea.models import db

PSK = "000102030405060708090a0b0c0d0e0f"
KEY = "01f2f10988b4bcdd5d5e74241381ed87d5f5e62f"


def export(folder: Path) -> None:
    (folder / "enckey").write_bytes(os.urandom(96))
    (folder / "pi.cfg").write_text(
        f"SECRET_KEY = 'test'\nPI_PEPPER = 'pepper'\nPI_NODE = 'n'\n"
        f"SQLALCHEMY_DATABASE_URI = 'sqlite:///{folder}/pi.db'\n"
        f"PI_ENCFILE = '{folder}/enckey'\nPI_AUDIT_MODULE = 'privacyidea.lib.auditmodules.base'\n"
        f"PI_AUDIT_KEY_PRIVATE = '{folder}/a'\nPI_AUDIT_KEY_PUBLIC = '{folder}/b'\n"
    )
    app = create_app(config_name="production", config_file=str(folder / "pi.cfg"), silent=True)
    importotp.geturandom = random.Random(17).randbytes
    with app.app_context():
        db.create_all()
        fob = {"type": "totp", "otpkey": KEY, "timeStep": 60, "description": "a fob"}
        hotp = {"serial": "OATH00001", "type": "hotp", "otpkey": KEY[::-1]}
        init_token(hotp | {"description": "card"}).inc_otp_counter(6)
        init_token(fob | {"serial": "TOTP00001"}).write_tokeninfo("timeShift", -60.0)
        long_key = KEY + "00112233445566778899aabb"
        init_token(
            {"serial": "TOTP00002", "type": "totp", "otpkey": long_key, "otplen": 8}
            | {"hashlib": "sha256", "timeStep": 30}
        )
        init_token({"serial": "PW00001", "type": "pw", "otpkey": "a password"})
        _, _, soup = importotp.export_pskc(get_tokens(), psk=PSK)
    (folder / "export.xml").write_text(str(soup))


def read(path: Path, psk: str | None) -> None:
    tokens, refused = importotp.parsePSKCdata(path.read_text(), preshared_key_hex=psk)
    sys.stdout.write(json.dumps({"tokens": tokens, "refused": list(refused)}))


if __name__ == "__main__":
    if sys.argv[1] == "export":
        export(Path(sys.argv[2]))
    else:
        read(Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)

"""The token that a bench may ask for, in a private file (BENCH §1)."""

import os
import re
import stat

from firmware_model.errors import BadInput

TOKEN_FILE_VARIABLE = "KEYFOB_BENCH_TOKEN_FILE"  # noqa: S105 - a variable's name
FILE_BYTES_MAX = 4096

_TOKEN = re.compile(rb"[!#-&(-~]{16,128}")
"""Printable ASCII without blanks and quotes, long enough not to be guessed."""


def read_token(path: str) -> str:
    """Return the token in the file `path`: 16 to 128 ASCII characters, no blanks, no quotes.

    Raises:
        BadInput: it cannot be read, others may read it, or it holds no token.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - the mode checked is that of the file read
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(FILE_BYTES_MAX).strip()
    except OSError as error:
        raise BadInput(f"{path}: cannot read the token: {error.strerror}") from None
    if mode & 0o077:
        raise BadInput(f"{path} can be read by other users (mode {mode:04o}); run chmod 600 {path}")
    if not _TOKEN.fullmatch(content):
        raise BadInput(
            f"{path}: invalid token: expected 16 to 128 ASCII characters without blanks and"
            f" quotes, such as openssl rand -hex 16 > {path}"
        )
    return content.decode("ascii")

"""JSON files of authenticator programs: read whole, bounded, with faults that show no value."""

import json
from typing import Any, BinaryIO

from host_tools.seeds.encoding import encoding_of
from host_tools.seeds.entry import BadSeedFile, Reading, Unusable

FILE_BYTES_MAX = 16 << 20
"""Some fifty thousand accounts; no person has more."""


def read_json(file: BinaryIO, reading: Reading) -> Any:
    """Return what a JSON file holds.

    Raises:
        BadSeedFile: naming the line: it is no JSON, nests too deep, or is larger than 16 MiB.
    """
    data = file.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        raise BadSeedFile(reading.path, f"it is larger than {FILE_BYTES_MAX >> 20} MiB")
    try:
        return json.loads(data.decode(encoding_of(data)))
    except UnicodeDecodeError:
        raise BadSeedFile(reading.path, "it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise BadSeedFile(reading.path, f"no JSON: {error.msg}", f"line {error.lineno}") from None
    except RecursionError:
        raise BadSeedFile(reading.path, "its JSON nests too deep") from None


def member(value: object, name: str, kind: type, default: object = None) -> Any:
    """Return the member `name` of a JSON object, which is of `kind`; `default` where it is missing.

    Raises Unusable, naming the member, where it is of another kind or missing without default.
    """
    found = value.get(name) if isinstance(value, dict) else None
    if found is None:
        found = default
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise Unusable(f"its {name!r} is missing or no {_KINDS[kind]}")
    return found


_KINDS: dict[type, str] = {str: "text", int: "number", dict: "object", list: "list"}

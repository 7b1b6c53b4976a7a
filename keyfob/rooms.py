"""keyfob's packages have generic names: this says so when another package hides one of them."""

import os
import sys
from importlib.machinery import PathFinder

ROOMS = ("firmware_model", "emulator", "host_tools")


class Shadowed(ImportError):  # noqa: N818 - as the errors of the other packages
    """Another package, or a test folder, of the name of one of keyfob's packages comes first.

    Example:
        >>> issubclass(keyfob.Shadowed, ImportError)
        True
    """

    exit_status = 2


def refuse_shadows() -> None:
    """Make sure that the generic names mean keyfob's own packages.

    Raises:
        Shadowed: a package of that name from elsewhere is, or would be, imported instead.
    """
    here = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 - pathlib costs --help a tenth
    root = os.path.dirname(here)  # noqa: PTH120
    for name in ROOMS:
        ours = os.path.join(root, name)  # noqa: PTH118
        theirs = _folder_of(name)
        if theirs == ours:
            continue
        if theirs is None:
            raise Shadowed(f"keyfob's package {name} is missing: expected {ours}; install it again")
        raise Shadowed(
            f"{theirs} hides keyfob's own package {name}: rename that folder, or give keyfob an"
            " environment of its own (pipx install, uv tool install); if it is a folder of tests,"
            " an empty __init__.py in the folder above it is enough"
        )


def _folder_of(name: str) -> str | None:
    """Return the folder that `import NAME` means, None where there is none."""
    spec = getattr(sys.modules.get(name), "__spec__", None) or PathFinder.find_spec(name)
    if spec is None:
        return None
    if spec.origin is not None:
        return os.path.dirname(os.path.realpath(spec.origin))  # noqa: PTH120
    return next((os.path.realpath(place) for place in spec.submodule_search_locations or ()), None)

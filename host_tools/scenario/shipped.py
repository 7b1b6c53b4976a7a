"""The features that ship, by name and language, and the files they use."""

from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.scenario.features import Feature, Language, read

LIBRARY = Path(__file__).parent / "library"
"""A folder for each language, beside the files they use; its seeds are test seeds."""

EVERYTHING = "all"


def names() -> list[str]:
    """Return the names of the features that ship, in alphabetical order."""
    return sorted(path.stem for path in (LIBRARY / Language.ENGLISH).glob("*.feature"))


def find(wanted: str, language: Language) -> list[Feature]:
    """Return the features that `wanted` names: one that ships, a file, or "all" that ship.

    Args:
        wanted: a name as `names` lists it, a path that ends in .feature, or "all".
        language: which twin of a feature that ships; a file is in its own language.

    Raises:
        BadInput: there is no such feature, or it cannot be read.
    """
    if wanted.endswith(".feature"):
        return [read(Path(wanted))]
    if wanted == EVERYTHING:
        return [_shipped(name, language) for name in names()]
    if Path(wanted).is_file():
        raise BadInput(f"{wanted}: a file with scenarios ends in .feature")
    if wanted not in names():
        known = ", ".join([*names(), EVERYTHING])
        raise BadInput(f"no scenario {wanted!r} ships: {known} or a .feature file was expected")
    return [_shipped(wanted, language)]


def _shipped(name: str, language: Language) -> Feature:
    return read(LIBRARY / language / f"{name}.feature")

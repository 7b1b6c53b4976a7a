"""Where a fob's model comes from: the catalogue, or a TOML file of the user's own."""

from dataclasses import dataclass
from pathlib import Path

from firmware_model.bounded_text import text_of
from firmware_model.catalogue import Model, load, parse
from firmware_model.errors import BadInput


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model, and the text that a store keeps for it: a built-in name, or the TOML text."""

    model: Model
    text: str


def model_source(name_or_path: str) -> ModelSource:
    """Return a built-in model by name, or the user's own by the path of its TOML file.

    A name with a slash or an ending of `.toml` is a path.

    Raises:
        BadInput: no such model, no such file, or an invalid one.
    """
    if "/" not in name_or_path and not name_or_path.endswith(".toml"):
        return ModelSource(load(name_or_path), name_or_path)
    text = _read(Path(name_or_path))
    return ModelSource(parse(text, name_or_path), text)


def model_of(text: str) -> Model:
    """Return the model that a store keeps as `text` (`ModelSource.text`).

    Raises:
        BadInput: unknown or invalid model.
    """
    return parse(text, "the store's model") if "\n" in text else load(text)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return text_of(file, str(path), "a model's TOML")
    except OSError as error:
        raise BadInput(f"{path}: cannot read the model: {error.strerror}") from None

"""Models as verbs take them: by name, or by the path of a TOML file."""

from emulator.settings import model_source
from firmware_model.catalogue import Model


def load_model(name_or_path: str) -> Model:
    """Return the built-in model of that name, or the one in the TOML file of that path.

    Raises:
        BadInput: there is no such model or file, or the file describes no model.
    """
    return model_source(name_or_path).model

"""The models of fobs, by name or from a TOML file of one's own."""

from emulator.model_source import model_source
from firmware_model import catalogue
from firmware_model.catalogue import Model


def model_names() -> list[str]:
    """Return the names of the models that ship, in alphabetical order.

    Example:
        >>> "fob-t60" in keyfob.model_names()
        True
    """
    return catalogue.names()


def load_model(name_or_path: str) -> Model:
    """Return the model of that name, or the one in the TOML file at that path.

    Args:
        name_or_path: a name of `model_names`, or a path with a slash or ending in `.toml`.

    Raises:
        BadInput: there is no such model or file, or the file describes no model.

    Example:
        >>> keyfob.load_model("fob-t60").otp.step_seconds
        60
    """
    return model_source(name_or_path).model

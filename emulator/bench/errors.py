"""SCPI's error numbers (SCPI-99 vol. 2 §21.8), as far as the bench uses them."""

from enum import IntEnum, unique


@unique
class Number(IntEnum):
    """Numbers from -100 are command errors, -200 execution, -300 device, -400 query errors."""

    NO_ERROR = 0
    COMMAND_ERROR = -100
    INVALID_CHARACTER = -101
    SYNTAX_ERROR = -102
    DATA_TYPE_ERROR = -104
    PARAMETER_NOT_ALLOWED = -108
    MISSING_PARAMETER = -109
    UNDEFINED_HEADER = -113
    NUMERIC_DATA_ERROR = -120
    INVALID_SUFFIX = -131
    INVALID_STRING_DATA = -151
    INVALID_EXPRESSION = -171
    EXECUTION_ERROR = -200
    SETTINGS_CONFLICT = -221
    DATA_OUT_OF_RANGE = -222
    TOO_MUCH_DATA = -223
    ILLEGAL_PARAMETER_VALUE = -224
    HARDWARE_MISSING = -241
    DEVICE_SPECIFIC_ERROR = -300
    QUEUE_OVERFLOW = -350
    INPUT_BUFFER_OVERRUN = -363
    TIME_OUT = -365

    @property
    def text(self) -> str:
        """The text that the standard gives the number."""
        return {Number.NO_ERROR: "No error", Number.TIME_OUT: "Time out error"}.get(
            self, self.name.replace("_", " ").capitalize()
        )


MESSAGE_LENGTH_MAX = 255
"""Characters of an error's text and detail (SCPI-99 vol. 2 §21.8.2)."""


class ScpiError(Exception):
    """A message unit that cannot be carried out; it goes into the error queue."""

    def __init__(self, number: Number, detail: str = "") -> None:
        super().__init__(detail)
        self.number = number
        self.detail = detail

    def __str__(self) -> str:
        text = f"{self.number.text};{self.detail}" if self.detail else self.number.text
        return f"{self.number:d},{quote(text[:MESSAGE_LENGTH_MAX])}"


def quote(text: str) -> str:
    """Return `text` as string response data (IEEE 488.2 §8.7.8): quotes doubled, one line."""
    return '"' + "".join(c if c.isprintable() else " " for c in text).replace('"', '""') + '"'

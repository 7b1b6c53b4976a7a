"""What a model of soft token prescribes for its app; a model without this table is a fob."""

from dataclasses import dataclass

from firmware_model.datasheet.rules import flag, span, text


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRules:
    """A token that is a program on a phone or a PC, on the device's clock and supply.

    It is activated by its user (WIRE §9), bound to the device it was activated on, and its
    display is a screen that shows any letter.
    """

    direct_login: bool = flag("whether the app hands its code over by itself")
    clock_tolerance_seconds: int = span(
        1, 86_400, "how far device clock and bank's clock may differ at the activation"
    )
    activated_text: str = text("what the app shows when it has been activated")
    request_seconds: int = span(10, 3600, "how long the app waits for the bank's answer")

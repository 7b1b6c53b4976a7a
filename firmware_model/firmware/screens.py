"""Texts on the display beside codes: notices before a code, pages after a long press, errors."""

from firmware_model.datasheet.program import Notice
from firmware_model.datasheet.segments import displayable
from firmware_model.firmware.token import Token
from firmware_model.identity import Day

NO_CLOCK = "CLoC"
"""Shown by a TOTP fob without a time, or with one before the last step that it has shown."""
LOCKED = "Locked"
"""Shown in place of a code while a host has locked the screen."""
NO_MORE = "End"
"""Shown by an HOTP fob that has used its last counter."""


def fit_letters(token: Token, text: str) -> str:
    """Return `text` in the letters that the token's display can form."""
    return text if token.model.display.cells == "letters" else displayable(text)


def error_text(code: int) -> str:
    """Return the error screen for a failed self-test or a worn flash."""
    return f"Err {code}"


def notices_due(token: Token, loaded_mv: int) -> list[Notice]:
    """Return the model's notices whose quantities are below their limits; the first is shown."""
    due = []
    for notice in token.model.notices:
        quantity = quantity_of(token, notice, loaded_mv)
        if quantity is not None and quantity < notice.below:
            due.append(notice)
    return due


def notice_text(token: Token, notice: Notice, loaded_mv: int) -> str:
    """Return a notice's text with its quantity in place of `{n}`."""
    quantity = max(0, quantity_of(token, notice, loaded_mv) or 0)
    return fit_letters(token, notice.text.replace("{n}", str(-(-quantity // notice.per))))


def quantity_of(token: Token, notice: Notice, loaded_mv: int) -> int | None:
    """Return the quantity that a notice depends on; None where the fob does not know it."""
    match notice.quantity:
        case "battery_percent":
            return token.battery_percent(loaded_mv)
        case "battery_days":
            return token.estimate.days(token.age_s(), token.presses, loaded_mv)
        case "presses_left":
            limit = token.model.life.presses
            return limit - token.presses if limit else None
        case "days_to_expiry":
            today = token.today()
            if today is None or token.expiry_days is None:
                return None
            return token.expiry_days - today
    raise AssertionError("the catalogue checks the quantity")


def pages(token: Token, loaded_mv: int) -> list[str]:
    """Return the texts after a long press, in the model's order, cut to the display's width."""
    width = token.model.display.positions
    texts: list[str] = []
    for page in token.model.pages.show:
        texts += _page(page, token, loaded_mv, width)
    return [fit_letters(token, text) for text in texts]


def _expiry(day: Day, width: int) -> str:
    date = str(day)
    return next((text for text in (f"Expires {date}", date) if len(text) <= width), date[2:])


def _page(page: str, token: Token, loaded_mv: int, width: int) -> list[str]:
    slots = token.present_slots()
    match page:
        case "battery":
            return [f"b {token.battery_percent(loaded_mv):3d}"]
        case "serial":
            serial = token.identity.serial_number if token.identity else ""
            return [serial[at : at + width] for at in range(0, len(serial), width)]
        case "counter":
            return [f"{slot.factor:X}".zfill(width)[-width:] for slot in slots]
        case "time":
            seconds = token.unix_seconds()
            if seconds is None:
                return [NO_CLOCK]
            return [f"{slot.step_at(seconds):0{width}d}"[-width:] for slot in slots]
        case "expiry":
            days = token.expiry_days
            return [] if days is None else [_expiry(Day.from_number(days), width)]
    raise AssertionError("the catalogue checks the pages")

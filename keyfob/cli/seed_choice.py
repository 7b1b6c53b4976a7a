"""Which keys of a seed file a verb is to take, and what it noticed about them."""

from firmware_model.errors import BadInput
from firmware_model.identity import SerialRange
from host_tools.seeds import Remark

NAMED_MAX = 3
"""How many places a warning names; the rest are counted."""


class SeedChoice:
    """The keys that `--serials` and `--leave-out` choose.

    Raises BadInput where one is no range of serial numbers.
    """

    def __init__(self, serials: str | None, leave_out: tuple[str, ...] = ()) -> None:
        try:
            self._only = None if serials is None else SerialRange.parse(serials)
            self._not = [SerialRange.parse(text) for text in leave_out]
        except ValueError as error:
            raise BadInput(str(error)) from None
        self._text = serials

    @property
    def nothing(self) -> str:
        """What to say of a file that has none of the chosen keys."""
        return f"has none of {self._text}" if self._text else "has no key besides those left out"

    @property
    def expected(self) -> int | None:
        """How many keys `--serials` names and `--leave-out` does not, None without `--serials`."""
        if self._only is None:
            return None
        return len(self._only) - (
            sum(1 for name in self._only if self._is_left_out(name)) if self._not else 0
        )

    def wants(self, name: str) -> bool:
        """Tell whether the key of this serial number is chosen."""
        return (self._only is None or name in self._only) and not self._is_left_out(name)

    def _is_left_out(self, name: str) -> bool:
        return any(name in chosen for chosen in self._not)


class Notices:
    """What was left out or is suspicious, once for each kind, with the first places."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = {}
        self._left_out = 0

    def add(self, remark: Remark) -> None:
        """Count `remark` once more."""
        self._places.setdefault(remark.text, []).append(remark.where)
        self._left_out += remark.left_out

    def clear(self) -> None:
        """Forget all."""
        self._places.clear()
        self._left_out = 0

    @property
    def left_out(self) -> int:
        """How many keys were left out because they are no one-time passwords of OATH."""
        return self._left_out

    def lines(self) -> list[str]:
        """Return a line for each kind."""
        lines = []
        for text, places in self._places.items():
            named = [place for place in places if place][:NAMED_MAX]
            more = ", …" if len(places) > len(named) and named else ""
            where = f" ({len(places):,}: {', '.join(named)}{more})" if named else ""
            lines.append(text + where)
        return lines

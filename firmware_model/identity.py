"""Identity of a fob: serial numbers, Credential IDs, and the dates on its back.

Pure values and formats; dates are calendar days without a clock or a time zone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

IDENTIFIER_CHARACTERS_MAX = 64
"""No serial number or Credential ID that anybody prints is longer."""

RANGE_MAX = 10_000_000
"""The most serial numbers one range may name."""

_CLASS_A = re.compile(r"[A-Z0-9]{12}")
_COUNTED = re.compile(r"(.*?)([0-9]{1,18})", re.DOTALL)


def is_credential_id(text: str) -> bool:
    """Tell whether `text` is an OATH Class A token identifier: 12 characters of A-Z and 0-9.

    The first two are the manufacturer's prefix, the other ten his own part.
    """
    return _CLASS_A.fullmatch(text) is not None


def check_identifier(text: str) -> str:
    """Return `text` if it can be a serial number or Credential ID, else raise ValueError.

    That is 1 to 64 printable ASCII characters without a space at either end: what can be
    printed on a case, typed by a person and put in a table.
    """
    if not 1 <= len(text) <= IDENTIFIER_CHARACTERS_MAX:
        raise ValueError(f"an identifier has 1 to {IDENTIFIER_CHARACTERS_MAX} characters")
    if text != text.strip() or not all(" " <= character <= "~" for character in text):
        raise ValueError("an identifier has printable ASCII characters only")
    return text


@dataclass(frozen=True, slots=True)
class SerialRange:
    """A run of serial numbers: `prefix`, then `width` digits counting up from `first`.

    `count` is 1 to 10,000,000, and the last number must still fit into `width` digits; raises
    ValueError otherwise. Iterating yields the serial numbers in order.
    """

    prefix: str
    first: int
    width: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.count <= RANGE_MAX:
            raise ValueError(f"a range names 1 to {RANGE_MAX:,} serial numbers")
        if self.first < 0 or self.first + self.count > 10**self.width:
            raise ValueError(f"the range does not fit into {self.width} digits")
        check_identifier(self[0])

    @classmethod
    def parse(cls, text: str, count: int | None = None) -> "SerialRange":
        """Read `ZZH600000001-ZZH600000500`, `ZZH600000001+500` or just `ZZH600000001`.

        `+N` counts the first one in. A lone serial number starts a range of `count` (1 without);
        where both the text and `count` say how many, they must agree. Raises ValueError.
        """
        first, last, named = text.strip(), "", count
        if (match := re.fullmatch(r"(.+)\+([0-9]{1,8})", first)) is not None:
            first, named = match[1], int(match[2])
        elif (match := re.fullmatch(r"(.+[0-9])-(.+)", first)) is not None:
            first, last = match[1], match[2]
        prefix, digits = _counted(first)
        if last:
            last_prefix, last_digits = _counted(last)
            if (last_prefix, len(last_digits)) != (prefix, len(digits)):
                raise ValueError("both ends of a range need the same prefix and length")
            named = int(last_digits) - int(digits) + 1
            if named < 1:
                raise ValueError("a range ends before it starts")
        if count is not None and named != count:
            raise ValueError(f"the range names {named} serial numbers, but {count} are wanted")
        return cls(prefix, int(digits), len(digits), 1 if named is None else named)

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < self.count:
            raise IndexError(index)
        return f"{self.prefix}{self.first + index:0{self.width}d}"

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[str]:
        return (self[index] for index in range(self.count))

    def __contains__(self, serial_number: object) -> bool:
        if not isinstance(serial_number, str) or not serial_number.startswith(self.prefix):
            return False
        digits = serial_number[len(self.prefix) :]
        return (
            len(digits) == self.width
            and digits.isascii()
            and digits.isdigit()
            and 0 <= int(digits) - self.first < self.count
        )

    def __str__(self) -> str:
        return f"{self[0]}-{self[self.count - 1]}"


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """A day of the Gregorian calendar, as printed on a fob's back or kept in its memory.

    `year` is 1970 to 9999; raises ValueError for a day that does not exist.
    """

    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        if not 1970 <= self.year <= 9999:
            raise ValueError("a year is 1970 to 9999")
        if not (1 <= self.month <= 12 and 1 <= self.day <= _days_in(self.year, self.month)):
            raise ValueError("there is no such day")

    @classmethod
    def parse(cls, text: str) -> "Day":
        """Read `2031-12-31` (ISO 8601) or `12/31/31` (MM/DD/YY, years 2000 to 2099).

        Raises ValueError where the form is neither, or there is no such day.
        """
        if (match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text, re.ASCII)) is not None:
            return cls(int(match[1]), int(match[2]), int(match[3]))
        if (match := re.fullmatch(r"(\d\d)/(\d\d)/(\d\d)", text, re.ASCII)) is not None:
            return cls(2000 + int(match[3]), int(match[1]), int(match[2]))
        raise ValueError(f"{text!r}: a day is written YYYY-MM-DD or MM/DD/YY")

    @classmethod
    def from_number(cls, days_since_1970: int) -> "Day":
        """Return the day `days_since_1970` days after 1970-01-01; raises ValueError outside."""
        # Counted from 0000-03-01, so that the leap day ends a year, in eras of 400 years.
        era, day_of_era = divmod(days_since_1970 + 719_468, 146_097)
        year_of_era = (
            day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
        ) // 365
        day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
        month_from_march = (5 * day_of_year + 2) // 153
        month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
        year = year_of_era + era * 400 + (month <= 2)
        return cls(year, month, day_of_year - (153 * month_from_march + 2) // 5 + 1)

    @property
    def number(self) -> int:
        """Days since 1970-01-01, which is day 0."""
        year = self.year - (self.month <= 2)
        era, year_of_era = divmod(year, 400)
        month_from_march = self.month - 3 if self.month > 2 else self.month + 9
        day_of_year = (153 * month_from_march + 2) // 5 + self.day - 1
        day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
        return era * 146_097 + day_of_era - 719_468

    @property
    def back_print(self) -> str:
        """The day as fobs carry it on the back: MM/DD/YY."""
        return f"{self.month:02d}/{self.day:02d}/{self.year % 100:02d}"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"


def _counted(serial_number: str) -> tuple[str, str]:
    """Split a serial number into its prefix and its last run of digits."""
    match = _COUNTED.fullmatch(serial_number)
    if match is None:
        raise ValueError(f"{serial_number!r}: a serial number of a range ends in digits")
    return match[1], match[2]


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31

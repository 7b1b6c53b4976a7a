"""The parameters of step texts: how a fob, a person, a file or a time is written in a scenario."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cucumber_expressions.parameter_type import ParameterType

DEFAULT_FOB = ""
"""The name of the fob in a scenario that has only one."""

_VERDICTS = {
    "wrong": "wrong",
    "replayed": "replayed",
    "locked": "locked",
    "unknown": "unknown",
    "not enrolled": "not_enrolled",
    "not active": "not_active",
    "suspended": "suspended",
    "expired": "expired",
    "「誤り」": "wrong",
    "「使用済み」": "replayed",
    "「ロック中」": "locked",
    "「不明」": "unknown",
    "「未登録」": "not_enrolled",
    "「使用不可」": "not_active",
    "「一時停止中」": "suspended",
    "「期限切れ」": "expired",
}
"""The host's verdicts as a scenario writes them."""

_UNITS = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "year": 31_557_600,  # 365.25 days
    "秒": 1,
    "分": 60,
    "時間": 3_600,
    "日": 86_400,
    "年": 31_557_600,
}
_NAMED = r'(?:the (?:fob|generator)(?: "([^"]+)")?)|(?:(?:トークン|生成機)(?:「([^」]+)」)?)'


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter type: `samples` show how it is written in English and in Japanese."""

    name: str
    pattern: str
    reading: Callable[..., Any]
    samples: tuple[str, str]

    def as_type(self) -> ParameterType:
        """Return it in the form of the cucumber-expressions library."""
        return ParameterType(self.name, re.compile(self.pattern), object, self.reading)


def _either(*written: str | None) -> str:
    return next((text for text in written if text is not None), "")


def _seconds(*written: str | None) -> int:
    count, unit = (text for text in written if text is not None)
    return int(count) * _UNITS[unit]


PARAMETERS = (
    Parameter("fob", _NAMED, _either, ('the generator "A"', "生成機「A」")),
    Parameter(
        "user", r'user "([^"]+)"|利用者「([^」]+)」', _either, ('user "Sato"', "利用者「佐藤」")
    ),
    Parameter("quoted", r'"([^"]*)"|「([^」]*)」', _either, ('"A"', "「A」")),
    Parameter(
        "duration",
        r"([0-9]+) (second|minute|hour|day|year)s?|([0-9]+) ?(秒|分|時間|日|年)",
        _seconds,
        ("60 seconds", "60秒"),
    ),
    Parameter(
        "verdict",
        "|".join(_VERDICTS),
        _VERDICTS.__getitem__,
        ("replayed", "「使用済み」"),
    ),
)
"""Beside these, the library's own {int} and {word} may be used."""

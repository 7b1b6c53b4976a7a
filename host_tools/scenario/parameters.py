"""The parameters of step texts: how a fob, a person, a file or a time is written in a scenario."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cucumber_expressions.parameter_type import ParameterType

from host_tools.verification.decision import Verdict

DEFAULT_FOB = ""
"""The name of the fob in a scenario that has only one."""

VERDICTS = {
    Verdict.ACCEPTED: ("accepted", "受け付けた"),
    Verdict.WRONG: ("wrong", "誤り"),
    Verdict.REPLAYED: ("replayed", "使用済み"),
    Verdict.LOCKED: ("locked", "ロック中"),
    Verdict.TOO_SOON: ("too soon", "早すぎる"),
    Verdict.UNKNOWN: ("unknown", "不明"),
    Verdict.NOT_ENROLLED: ("not enrolled", "未登録"),
    Verdict.NOT_ACTIVE: ("not active", "使用不可"),
    Verdict.SUSPENDED: ("suspended", "一時停止中"),
    Verdict.EXPIRED: ("expired", "期限切れ"),
}
"""The host's verdicts in English and Japanese; a Japanese line puts them into 「」."""

_WRITTEN = {word: verdict for verdict, (en, ja) in VERDICTS.items() for word in (en, f"「{ja}」")}
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
        "|".join(_WRITTEN),
        _WRITTEN.__getitem__,
        ("replayed", "「使用済み」"),
    ),
)
"""Beside these, the library's own {int} and {word} may be used."""

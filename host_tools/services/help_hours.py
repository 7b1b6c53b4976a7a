"""When people answer the phone: Japanese time, without daylight saving."""

from datetime import UTC, datetime, timedelta, timezone

from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.case import RequestCase

JAPAN = timezone(timedelta(hours=9))
_SATURDAY = 5


def refuse_closed(case: RequestCase) -> None:
    """Refuse a call outside the hours of help."""
    here = datetime.fromtimestamp(case.now, UTC).astimezone(JAPAN)
    free = here.weekday() >= _SATURDAY or f"{here:%m-%d}" in case.rules["help.holidays"]
    kind = "weekend" if free else "weekday"
    first, last = (case.rules[f"help.{kind}_{end}_hour"] for end in ("first", "last"))
    if f"{here:%m-%d}" in case.rules["help.closed"] or not first <= here.hour < last:
        raise Refusal(RefusalReason.TOO_EARLY, f"the phone is answered {first}:00 to {last}:00")

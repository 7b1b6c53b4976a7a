"""Everything a rulebook can say: each rule's path, what its value is, and what it means."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import lru_cache
from typing import Any

from host_tools.verification.throttle import FAILURES_MAX, Scope

_SCOPES = tuple(str(scope) for scope in Scope)
STOPS = ("none", *_SCOPES)
"""What stands still: nothing, or one of the verification host's scopes."""

HARDWARE, SOFT = "hardware", "soft"
PAPER, PHONE, BRANCH, BANK = "form", "phone", "branch", "bank"
"""Ways that are not online: the customer's form, call or visit, and the bank by itself."""

_YEARS = 100


@unique
class Act(StrEnum):
    """What can be asked of a bank. The value is its name in a rulebook."""

    ORDER = "order"
    REISSUE = "reissue"
    ORDER_EXCHANGE = "order_exchange"
    RESEND = "resend"
    EXCHANGE = "exchange"
    SUSPEND = "suspend"
    RESUME = "resume"
    UNLOCK = "unlock"
    RELEASE = "release"
    REVOKE = "revoke"
    REPORT_LOSS = "report_loss"
    EMERGENCY_STOP = "emergency_stop"
    REPORT_LEAK = "report_leak"
    FIND = "find"
    READMIT = "readmit"
    ISSUE_TOKEN = "issue_token"  # noqa: S105 - a name
    ADD_USER = "add_user"
    DELETE_USER = "delete_user"
    REPLACE_ADMINISTRATOR = "replace_administrator"
    HAND_IN_CONFIRMATION = "hand_in_confirmation"
    CHANGE_ADDRESS = "change_address"
    RESET_SECRET = "reset_secret"  # noqa: S105 - a name
    CHANGE_SECRET = "change_secret"  # noqa: S105 - a name
    REOPEN = "reopen"
    CHANGE_METHOD = "change_method"
    ISSUE_CERTIFICATE = "issue_certificate"
    RENEW_CERTIFICATE = "renew_certificate"
    DELETE_CERTIFICATE = "delete_certificate"
    TERMINATE = "terminate"
    TERMINATE_AT_ONCE = "terminate_at_once"
    CANCEL_UNPAID = "cancel_unpaid"
    APPLY = "apply"
    STOP_SERVICE = "stop_service"
    INTERRUPT = "interrupt"
    RESTORE = "restore"
    CHANGE_FEE = "change_fee"
    CHANGE_TERMS = "change_terms"
    CLAIM = "claim"
    HELP = "help"
    ABOLISH = "abolish"
    ADD_SERVICE = "add_service"
    APPLY_SERVICE = "apply_service"
    FILE_ACCOUNT = "file_account"
    NO_RENEWAL = "no_renewal"
    WITHDRAW_ORDER = "withdraw_order"
    CHANGE_EMAIL = "change_email"


@dataclass(frozen=True, slots=True)
class ValueKind:
    """A kind of value: `expected` in words, whether one `fits`, and what would break it.

    `breaks` gives values that fit as well and mean something else: what a test puts in the place
    of each value of a rulebook.
    """

    expected: str
    fits: Callable[[Any], bool]
    breaks: Callable[[Any], list[Any]]


@dataclass(frozen=True, slots=True)
class SchemaRule:
    """One rule: its path (`*` = any name), the kind of its value, what stands without it."""

    path: str
    kind: ValueKind
    absent: Any
    meaning: str


def _number(low: int, high: int) -> ValueKind:
    return ValueKind(
        f"a number from {low} to {high}",
        lambda value: type(value) is int and low <= value <= high,
        lambda value: [other for other in (value - 1, value + 1) if low <= other <= high],
    )


def _choice(*choices: Any) -> ValueKind:
    return ValueKind(
        "one of " + ", ".join(map(str, choices)),
        lambda value: type(value) in (str, int) and value in choices,
        lambda value: [next(other for other in choices if other != value)],
    )


def _words(*choices: str, added: str = "nothing") -> ValueKind:
    def fits(value: Any) -> bool:
        return isinstance(value, list) and all(
            isinstance(word, str) and word and (not choices or word in choices) for word in value
        )

    def breaks(value: Any) -> list[Any]:
        if choices:
            return [[next(word for word in choices if word not in value[:1])]]
        # Each word counts: a list is broken by leaving any of them out.
        without = [value[:place] + value[place + 1 :] for place in range(len(value))]
        return without or [[added]]

    among = f", each one of {', '.join(choices)}" if choices else ""
    return ValueKind(f"a list of words{among}", fits, breaks)


_WORD = ValueKind(
    "a word", lambda value: isinstance(value, str), lambda value: ["" if value else "another"]
)
_FLAG = ValueKind("true or false", lambda value: type(value) is bool, lambda value: [not value])
_DAYS = _number(0, _YEARS * 366)
_SECONDS = _number(0, 31 * 86_400)

RULES = (
    SchemaRule(
        "contract.methods", _words(), ["otp"], "ways to prove oneself, of which a contract has one"
    ),
    SchemaRule(
        "devices.per_user", _number(1, 9), 1, "how many generators one user may have in use"
    ),
    SchemaRule(
        "devices.factors", _words("totp", "hotp"), ["totp"], "by time, by presses, or either"
    ),
    SchemaRule("devices.step_seconds", _choice(60, 30), 60, "how long a time-based code stands"),
    SchemaRule(
        "devices.soft_again",
        _FLAG,
        absent=True,
        meaning="a soft token that was released can be enrolled again",
    ),
    SchemaRule(
        "devices.with_contract",
        _number(0, 9),
        0,
        "how many generators are issued with the contract itself",
    ),
    SchemaRule("devices.only_without", _words(), [], "hardware only for who can use none of these"),
    SchemaRule(
        "enrolment.asks", _words(), ["code"], "all that must match; each `code` is one more code"
    ),
    SchemaRule(
        "enrolment.first_code",
        _choice("page", "direct_login"),
        "page",
        "where the first code is entered",
    ),
    SchemaRule(
        "enrolment.soft_from",
        _choice("anywhere", "its_device"),
        "anywhere",
        "from where a soft token is enrolled",
    ),
    SchemaRule("enrolment.users_per_token", _number(0, 1000), 1, "who may share; 0 = any number"),
    SchemaRule(
        "otp.required", _choice("always", "once_enrolled"), "always", "of whom a code is asked"
    ),
    SchemaRule(
        "otp.outage", _choice("refused", "without_code"), "refused", "operations in an outage"
    ),
    SchemaRule("limits.scope", _choice(*_SCOPES), "generator", "what wrong codes stop"),
    SchemaRule(
        "limits.lock_after_failures", _number(1, FAILURES_MAX), 5, "how many wrong codes stop it"
    ),
    SchemaRule(
        "limits.consecutive",
        _FLAG,
        absent=True,
        meaning="a right code forgets the wrong ones before it",
    ),
    SchemaRule("operations.*.asks", _words(), [], "what a customer must enter for the operation"),
    SchemaRule(
        "operations.*.confirm_seconds", _SECONDS, 0, "time to confirm in; 0 = none is needed"
    ),
    SchemaRule(
        "operations.*.withdrawn",
        _FLAG,
        absent=False,
        meaning="whether its order can be asked back",
    ),
    SchemaRule(
        "operations.*.order",
        _FLAG,
        absent=False,
        meaning="what is accepted is an order that stands",
    ),
    SchemaRule(
        "operations.*.offered",
        _choice("from_start", "when_added"),
        "from_start",
        "from when on: always, or once the bank has added it",
    ),
    SchemaRule(
        "secrets.*.tries", _number(0, 100), 0, "wrong ones in a row that lock; 0 = any number"
    ),
    SchemaRule("secrets.*.lock_seconds", _SECONDS, 0, "how long it locks; 0 = until an act helps"),
    SchemaRule(
        "secrets.*.locks", _number(0, 100), 0, "locks until only an act helps; 0 = any number"
    ),
    SchemaRule("secrets.*.counted_with", _WORD, "", "the secret among whose wrong ones it counts"),
    SchemaRule("secrets.*.stops", _choice("banking", "user", "operation"), "user", "what it locks"),
    SchemaRule(
        "secrets.*.digits_min", _number(0, 64), 0, "fewest digits; 0 = it need not be digits"
    ),
    SchemaRule("secrets.*.digits_max", _number(0, 64), 0, "most digits"),
    SchemaRule(
        "secrets.*.letters_max", _number(0, 256), 0, "most full-width letters; 0 = any text"
    ),
    SchemaRule(
        "fees.*", _number(0, 1_000_000), 0, "yen for first, additional, reissue, exchange, month"
    ),
    SchemaRule("fee_terms.account", _WORD, "", "the account that fees are drawn from, by its name"),
    SchemaRule(
        "fee_terms.collected",
        _choice("bill", "automatic"),
        "bill",
        "paid when the customer pays, or drawn from the account at once",
    ),
    SchemaRule("fee_terms.notice_days", _DAYS, 0, "how long before it a new fee is announced"),
    SchemaRule(
        "fee_terms.refunded", _FLAG, absent=False, meaning="whether a fee is given back at the end"
    ),
    SchemaRule(
        "acts.*.by",
        _words(added=PHONE),
        [],
        "the ways in which it may be done: WAY or WAY for WHOM",
    ),
    SchemaRule("acts.*.asks", _words(), [], "what must be entered to do it online"),
    SchemaRule("acts.*.requires", _words(), [], "what else must be there, such as a confirmation"),
    SchemaRule(
        "acts.*.printed",
        _FLAG,
        absent=False,
        meaning="asked online, it waits for its printed confirmation",
    ),
    SchemaRule("acts.*.menu", _WORD, "", "where the service's pages offer it"),
    SchemaRule(
        "acts.*.expired",
        _choice("code", "no_code"),
        "code",
        "what it asks of whose generator has expired",
    ),
    SchemaRule("acts.*.ground", _WORD, "", "what must be known of the customer; empty = nothing"),
    SchemaRule(
        "acts.*.of",
        _choice("person", "generator"),
        "person",
        "what it ends: one person's use, or the generator for all who share it",
    ),
    SchemaRule("acts.*.stops", _choice(*STOPS), "none", "what stands still from then on"),
    SchemaRule("acts.*.after_seconds", _SECONDS, 0, "how long until it takes effect"),
    SchemaRule(
        "acts.*.without_code_days", _DAYS, 0, "how long the service then works without a code"
    ),
    SchemaRule(
        "acts.*.hours", _choice("always", "office"), "always", "when it can be asked by phone"
    ),
    SchemaRule("acts.*.announced", _FLAG, absent=False, meaning="the bank tells it in public"),
    SchemaRule("acts.*.notified", _FLAG, absent=False, meaning="the bank tells it to the customer"),
    SchemaRule(
        "activation.tries", _number(1, 100), 5, "wrong start passwords that lock a soft token"
    ),
    SchemaRule(
        "activation.password_days", _number(1, 366), 30, "how long a start password is good for"
    ),
    SchemaRule(
        "expiry.valid_days", _DAYS, 0, "how long hardware is good for; 0 = while it shows codes"
    ),
    SchemaRule(
        "expiry.soft_days", _DAYS, 0, "how long a soft token is good for; 0 = without an end"
    ),
    SchemaRule("expiry.printed", _choice("MM/DD/YY", "YYYY-MM-DD"), "YYYY-MM-DD", "on the back"),
    SchemaRule("expiry.replaced_days_before", _DAYS, 0, "a new one is sent unasked; 0 = never"),
    SchemaRule(
        "expiry.notice_days_before", _DAYS, 0, "the token says that its end is near; 0 = never"
    ),
    SchemaRule(
        "pages.not_enrolled", _WORD, "", "the page that a login shows to whom uses no generator"
    ),
    SchemaRule("pages.code", _WORD, "", "the page that asks for a code"),
    SchemaRule("pages.buttons", _words(), [], "what can be tapped on the first of them"),
    SchemaRule(
        "mail.generators_to", _WORD, "", "the address that generators are mailed to, by its name"
    ),
    SchemaRule("mail.sender", _WORD, "", "from whom the e-mail to a soft token's user comes"),
    SchemaRule("mail.subject", _WORD, "", "what that e-mail is called"),
    SchemaRule("mail.text", _WORD, "", "its text, with `{item}` where an item stands"),
    SchemaRule("mail.holds", _words(), [], "what the e-mail to a soft token's user holds"),
    SchemaRule("mail.returned_stops", _choice(*STOPS), "none", "when the address was wrong"),
    SchemaRule("certificate.valid_days", _number(1, _YEARS * 366), 365, "validity"),
    SchemaRule("certificate.renewal_days", _DAYS, 30, "how long before its end it can be renewed"),
    SchemaRule(
        "contract.term_days", _DAYS, 0, "how long it runs before it renews itself; 0 = no term"
    ),
    SchemaRule("contract.unpaid_days", _DAYS, 0, "unpaid so long, the bank may end it; 0 = never"),
    SchemaRule("contract.unused_days", _DAYS, 0, "unused so long, the bank may end it; 0 = never"),
    SchemaRule(
        "contract.long_unpaid_days",
        _DAYS,
        0,
        "unpaid so long, it can be cancelled, and only an application leads back; 0 = never",
    ),
    SchemaRule("contract.payment_days", _DAYS, 30, "how long after a fee its payment is late"),
    SchemaRule(
        "contract.late_payments",
        _number(0, 100),
        0,
        "so many late payments are the ground often_late; 0 = never",
    ),
    SchemaRule(
        "contract.grounds", _words(), [], "what else, once known, lets the bank end it at once"
    ),
    SchemaRule("contract.accounts", _number(0, 1000), 0, "how many related accounts it can have"),
    SchemaRule("contract.ends_by", _words(), [], "what ends it as soon as it is known"),
    SchemaRule("contract.applied_by", _words(), [], "the ways in which it is applied for"),
    SchemaRule(
        "contract.abroad",
        _choice("served", "refused"),
        "served",
        "operations from outside Japan",
    ),
    SchemaRule(
        "contract.ends",
        _choice("contract", "service"),
        "contract",
        "what a termination ends: all, or whatever asks for a code",
    ),
    SchemaRule(
        "contract.orders_survive",
        _FLAG,
        absent=True,
        meaning="orders accepted before a stop are carried out",
    ),
    SchemaRule("terms.notice_days", _DAYS, 0, "how long before they hold new terms are published"),
    SchemaRule(
        "compensation.yearly_yen",
        _number(0, 10**9),
        0,
        "the most that is paid for losses by fraud within a year; 0 = nothing",
    ),
    SchemaRule(
        "compensation.report_days", _DAYS, 0, "how long after the fraud it must be reported"
    ),
    SchemaRule(
        "compensation.excludes", _words(), [], "facts of the case for which nothing is paid"
    ),
    SchemaRule(
        "compensation.methods", _words(), [], "ways to prove oneself that keep it unreduced"
    ),
    SchemaRule(
        "compensation.reduced_percent", _number(0, 100), 100, "what is paid with other ways"
    ),
    SchemaRule(
        "help.weekday_first_hour", _number(0, 24), 0, "people answer the phone from then ..."
    ),
    SchemaRule("help.weekday_last_hour", _number(0, 24), 24, "... until then, in Japanese time"),
    SchemaRule(
        "help.weekend_first_hour", _number(0, 24), 0, "the same on Saturdays and Sundays ..."
    ),
    SchemaRule("help.weekend_last_hour", _number(0, 24), 24, "... until then"),
    SchemaRule("help.holidays", _words(), [], "days with a weekend's hours, as MM-DD"),
    SchemaRule("help.closed", _words(), [], "days on which nobody answers, as MM-DD"),
)
"""A path that is not here is refused; `editions.NAME.` may stand before any of them."""


@lru_cache(maxsize=1024)
def rule_of(path: str) -> SchemaRule | None:
    """Return the rule that `path` states, None where there is no such rule."""
    return next((rule for rule in RULES if _matches(rule.path, path)), None)


def _matches(pattern: str, path: str) -> bool:
    wanted, given = pattern.split("."), path.split(".")
    return len(wanted) == len(given) and all(
        one in ("*", other) for one, other in zip(wanted, given, strict=True)
    )

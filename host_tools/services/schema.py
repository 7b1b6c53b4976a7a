"""Everything a rulebook can say: each rule's path, what its value is, and what it means."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from host_tools.services.value_kinds import (
    DAYS,
    FLAG,
    SECONDS,
    WORD,
    YEARS,
    ValueKind,
    choice,
    number,
    words,
)
from host_tools.services.vocabulary import PHONE, SCOPES, STOPS
from host_tools.verification.throttle import FAILURES_MAX


@dataclass(frozen=True, slots=True)
class SchemaRule:
    """One rule: its path (`*` = any name), the kind of its value, what stands without it."""

    path: str
    kind: ValueKind
    absent: Any
    meaning: str


RULES = (
    SchemaRule(
        "contract.methods", words(), ["otp"], "authentication methods; a contract uses one of them"
    ),
    SchemaRule(
        "devices.per_user",
        number(1, 9),
        1,
        "largest number of generators that one user can use at a time",
    ),
    SchemaRule(
        "devices.factors",
        words("totp", "hotp"),
        ["totp"],
        "codes of hardware generators: by time (totp), by presses (hotp)",
    ),
    SchemaRule(
        "devices.step_seconds", choice(60, 30), 60, "time step of a time-based code, in seconds"
    ),
    SchemaRule(
        "devices.soft_again",
        FLAG,
        absent=True,
        meaning="a soft token that was released can be enrolled again",
    ),
    SchemaRule(
        "devices.with_contract",
        number(0, 9),
        0,
        "number of generators issued with the contract",
    ),
    SchemaRule(
        "devices.only_without",
        words(),
        [],
        "hardware is given only to users who can use none of these",
    ),
    SchemaRule(
        "enrolment.asks",
        words(),
        ["code"],
        "items to enter, all of which must match; `code` twice means two codes",
    ),
    SchemaRule(
        "enrolment.first_code",
        choice("page", "direct_login"),
        "page",
        "where the first code is entered",
    ),
    SchemaRule(
        "enrolment.soft_from",
        choice("anywhere", "its_device"),
        "anywhere",
        "device from which a soft token is enrolled",
    ),
    SchemaRule(
        "enrolment.users_per_token",
        number(0, 1000),
        1,
        "largest number of users that share one generator; 0 = any number",
    ),
    SchemaRule(
        "otp.required",
        choice("always", "once_enrolled"),
        "always",
        "of which users a code is asked",
    ),
    SchemaRule(
        "otp.outage",
        choice("refused", "without_code"),
        "refused",
        "what happens to operations with a code during an interruption",
    ),
    SchemaRule("limits.scope", choice(*SCOPES), "generator", "what too many wrong codes stop"),
    SchemaRule(
        "limits.lock_after_failures",
        number(1, FAILURES_MAX),
        5,
        "number of wrong codes that stops it",
    ),
    SchemaRule(
        "limits.consecutive",
        FLAG,
        absent=True,
        meaning="a right code sets the number of wrong codes back to 0",
    ),
    SchemaRule("operations.*.asks", words(), [], "items to enter for the operation"),
    SchemaRule(
        "operations.*.confirm_seconds",
        SECONDS,
        0,
        "seconds within which it must be confirmed; 0 = no confirmation",
    ),
    SchemaRule(
        "operations.*.withdrawn",
        FLAG,
        absent=False,
        meaning="its order can be withdrawn on request",
    ),
    SchemaRule(
        "operations.*.order",
        FLAG,
        absent=False,
        meaning="an accepted operation is an order",
    ),
    SchemaRule(
        "operations.*.offered",
        choice("from_start", "when_added"),
        "from_start",
        "whether it is offered from the start or when the bank adds it",
    ),
    SchemaRule(
        "secrets.*.tries",
        number(0, 100),
        0,
        "number of wrong entries in a row that locks it; 0 = no limit",
    ),
    SchemaRule(
        "secrets.*.lock_seconds", SECONDS, 0, "seconds that a lock lasts; 0 = until an act ends it"
    ),
    SchemaRule(
        "secrets.*.locks",
        number(0, 100),
        0,
        "number of locks after which only an act ends the lock; 0 = no limit",
    ),
    SchemaRule(
        "secrets.*.counted_with",
        WORD,
        "",
        "secret with which its wrong entries are counted together",
    ),
    SchemaRule(
        "secrets.*.stops", choice("banking", "user", "operation"), "user", "what a lock stops"
    ),
    SchemaRule("secrets.*.digits_min", number(0, 64), 0, "smallest number of digits; 0 = any text"),
    SchemaRule("secrets.*.digits_max", number(0, 64), 0, "largest number of digits"),
    SchemaRule(
        "secrets.*.letters_max",
        number(0, 256),
        0,
        "largest number of full-width letters; 0 = any text",
    ),
    SchemaRule(
        "fees.*", number(0, 1_000_000), 0, "yen for first, additional, reissue, exchange, month"
    ),
    SchemaRule("fee_terms.account", WORD, "", "name of the account that fees are drawn from"),
    SchemaRule(
        "fee_terms.collected",
        choice("bill", "automatic"),
        "bill",
        "how a fee is paid: by the customer (bill), or drawn from the account at once",
    ),
    SchemaRule(
        "fee_terms.notice_days",
        DAYS,
        0,
        "days from the announcement of a new fee until it is charged",
    ),
    SchemaRule(
        "fee_terms.refunded", FLAG, absent=False, meaning="fees are refunded when the contract ends"
    ),
    SchemaRule(
        "acts.*.by",
        words(added=PHONE),
        [],
        "ways in which it can be asked for: WAY or WAY for WHOM",
    ),
    SchemaRule("acts.*.asks", words(), [], "items to enter when it is asked for online"),
    SchemaRule(
        "acts.*.requires", words(), [], "further items that are needed, such as a confirmation"
    ),
    SchemaRule(
        "acts.*.printed",
        FLAG,
        absent=False,
        meaning="asked for online, it is done when the printed confirmation is handed in",
    ),
    SchemaRule("acts.*.menu", WORD, "", "menu under which the service's pages offer it"),
    SchemaRule(
        "acts.*.expired",
        choice("code", "no_code"),
        "code",
        "whether a code is asked of a user whose generator has expired",
    ),
    SchemaRule("acts.*.ground", WORD, "", "fact that must be known of the customer; empty = none"),
    SchemaRule(
        "acts.*.of",
        choice("person", "generator"),
        "person",
        "what it ends: one person's use, or the generator for all who share it",
    ),
    SchemaRule("acts.*.stops", choice(*STOPS), "none", "what it stops"),
    SchemaRule("acts.*.after_seconds", SECONDS, 0, "seconds until it takes effect"),
    SchemaRule(
        "acts.*.without_code_days", DAYS, 0, "days for which the service then works without a code"
    ),
    SchemaRule(
        "acts.*.hours", choice("always", "office"), "always", "when it can be asked for by phone"
    ),
    SchemaRule(
        "acts.*.announced", FLAG, absent=False, meaning="the bank announces it to the public"
    ),
    SchemaRule("acts.*.notified", FLAG, absent=False, meaning="the bank notifies the customer"),
    SchemaRule(
        "activation.tries",
        number(1, 100),
        5,
        "number of wrong start passwords that locks a soft token",
    ),
    SchemaRule(
        "activation.password_days", number(1, 366), 30, "days for which a start password is valid"
    ),
    SchemaRule(
        "expiry.valid_days",
        DAYS,
        0,
        "days for which hardware is valid; 0 = as long as it shows codes",
    ),
    SchemaRule("expiry.soft_days", DAYS, 0, "days for which a soft token is valid; 0 = no expiry"),
    SchemaRule(
        "expiry.printed",
        choice("MM/DD/YY", "YYYY-MM-DD"),
        "YYYY-MM-DD",
        "form of the expiry date on the back",
    ),
    SchemaRule(
        "expiry.replaced_days_before",
        DAYS,
        0,
        "days before expiry on which a new one is sent without a request; 0 = never",
    ),
    SchemaRule(
        "expiry.notice_days_before",
        DAYS,
        0,
        "days before expiry from which the token shows a notice; 0 = never",
    ),
    SchemaRule(
        "pages.not_enrolled", WORD, "", "page that a login shows to a user without a generator"
    ),
    SchemaRule("pages.code", WORD, "", "page that asks for a code"),
    SchemaRule("pages.buttons", words(), [], "buttons on the page `pages.not_enrolled`"),
    SchemaRule(
        "mail.generators_to", WORD, "", "name of the address to which generators are mailed"
    ),
    SchemaRule("mail.sender", WORD, "", "sender of the e-mail for the set-up of a soft token"),
    SchemaRule("mail.subject", WORD, "", "subject of that e-mail"),
    SchemaRule("mail.text", WORD, "", "text of that e-mail; `{item}` stands for an item"),
    SchemaRule("mail.holds", words(), [], "items in that e-mail"),
    SchemaRule(
        "mail.returned_stops",
        choice(*STOPS),
        "none",
        "what stops when mail is returned because of a wrong address",
    ),
    SchemaRule(
        "certificate.valid_days",
        number(1, YEARS * 366),
        365,
        "days for which a certificate is valid",
    ),
    SchemaRule(
        "certificate.renewal_days", DAYS, 30, "days before its end from which it can be renewed"
    ),
    SchemaRule(
        "contract.term_days", DAYS, 0, "days after which the contract is renewed; 0 = no term"
    ),
    SchemaRule(
        "contract.unpaid_days",
        DAYS,
        0,
        "days after which an unpaid fee is the ground `unpaid`; 0 = never",
    ),
    SchemaRule(
        "contract.unused_days", DAYS, 0, "days without use that are the ground `unused`; 0 = never"
    ),
    SchemaRule(
        "contract.long_unpaid_days",
        DAYS,
        0,
        "days after which an unpaid fee lets the bank cancel it until a new application; 0 = never",
    ),
    SchemaRule("contract.payment_days", DAYS, 30, "days after which a payment is late"),
    SchemaRule(
        "contract.late_payments",
        number(0, 100),
        0,
        "number of late payments that is the ground `often_late`; 0 = never",
    ),
    SchemaRule(
        "contract.grounds",
        words(),
        [],
        "facts for which the bank can end it at once: told to it, or shown by ledger and calendar",
    ),
    SchemaRule("contract.accounts", number(0, 1000), 0, "largest number of related accounts"),
    SchemaRule("contract.ends_by", words(), [], "facts that end it as soon as they are known"),
    SchemaRule("contract.applied_by", words(), [], "ways in which a contract is applied for"),
    SchemaRule(
        "contract.abroad",
        choice("served", "refused"),
        "served",
        "whether operations from outside Japan are served",
    ),
    SchemaRule(
        "contract.ends",
        choice("contract", "service"),
        "contract",
        "what a termination ends: the contract, or whatever asks for a code",
    ),
    SchemaRule(
        "contract.orders_survive",
        FLAG,
        absent=True,
        meaning="orders accepted before the end are carried out",
    ),
    SchemaRule(
        "terms.notice_days", DAYS, 0, "days from the publication of new terms until they apply"
    ),
    SchemaRule(
        "compensation.yearly_yen",
        number(0, 10**9),
        0,
        "largest compensation for fraud within a year; 0 = none",
    ),
    SchemaRule(
        "compensation.report_days", DAYS, 0, "days after the fraud within which it must be reported"
    ),
    SchemaRule("compensation.excludes", words(), [], "facts for which nothing is paid"),
    SchemaRule(
        "compensation.methods", words(), [], "authentication methods with which it is paid in full"
    ),
    SchemaRule(
        "compensation.reduced_percent",
        number(0, 100),
        100,
        "percent that is paid with other methods",
    ),
    SchemaRule(
        "help.weekday_first_hour",
        number(0, 24),
        0,
        "hour from which the help desk answers on weekdays, in Japanese time",
    ),
    SchemaRule("help.weekday_last_hour", number(0, 24), 24, "hour until which it answers"),
    SchemaRule("help.weekend_first_hour", number(0, 24), 0, "the same on Saturdays and Sundays"),
    SchemaRule("help.weekend_last_hour", number(0, 24), 24, "hour until which it answers then"),
    SchemaRule("help.holidays", words(), [], "days with the hours of a weekend, as MM-DD"),
    SchemaRule("help.closed", words(), [], "days on which nobody answers, as MM-DD"),
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

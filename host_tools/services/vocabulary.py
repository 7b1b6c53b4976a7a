"""The words of a rulebook: acts, ways, kinds of generators, and what can be stopped."""

from enum import StrEnum, unique

from host_tools.verification.throttle import Scope

SCOPES = tuple(str(scope) for scope in Scope)
STOPS = ("none", *SCOPES)
"""What stands still: nothing, or one of the verification host's scopes."""

HARDWARE, SOFT = "hardware", "soft"
PAPER, PHONE, BRANCH, BANK = "form", "phone", "branch", "bank"
"""Ways that are not online: the customer's form, call or visit, and the bank by itself."""


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

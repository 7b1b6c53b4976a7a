"""What happens without being asked for: acts that are due, revocations, replacements, fees."""

import json
import pickle
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from host_tools.services import acts
from host_tools.services.acts import PUBLIC
from host_tools.services.answers import Refusal
from host_tools.services.case import RequestCase
from host_tools.services.contract import DAY_SECONDS, Bank
from host_tools.services.rulebook import Rulebook
from host_tools.services.vocabulary import Act

REPLACEMENT = "replacement"
"""The order, and the letter, of a generator that takes the place of one that ends."""

_MONTH_SECONDS = 30 * DAY_SECONDS


def catch_up(case: RequestCase) -> None:
    """Let everything happen that is due by now."""
    contract = case.contract
    due = [one for one in contract.dues if one.at <= case.now]
    contract.dues = [one for one in contract.dues if one.at > case.now]
    for one in due:
        if one.user in contract.members or Act(one.act) in PUBLIC:
            trial = copy_of(case)
            with suppress(Refusal):  # impossible by now: it must not hold up what comes after
                acts.carry_out(trial, Act(one.act), one.user, {})
                case.contract, case.bank = trial.contract, trial.bank
                contract = case.contract
    for member in contract.members.values():
        if 0 < member.enrols_from <= case.now:
            member.tokens, member.enrols_from = [], 0
    for transfer in contract.transfers:
        if transfer.state == "waiting" and case.now > transfer.confirm_by:
            transfer.state = "void"
    _replace_expiring(case)
    while contract.billed_at + _MONTH_SECONDS <= case.now:
        contract.billed_at += _MONTH_SECONDS
        case.charge("monthly", contract.billed_at)
    term = case.rules["contract.term_days"] * DAY_SECONDS
    while term and contract.opened_at + term <= case.now:
        if contract.ends_with_term:
            contract.ended_at = contract.ended_at or contract.opened_at + term
            break
        contract.opened_at += term
        contract.renewals += 1


def _replace_expiring(case: RequestCase) -> None:
    """Order a new generator for each that ends soon, once and without a fee, and write so."""
    days = case.rules["expiry.replaced_days_before"]
    for device in case.contract.devices.values():
        near = device.expires_at and case.now >= device.expires_at - days * DAY_SECONDS
        if days and near and not (device.replaced or device.void):
            device.replaced = True
            case.contract.orders.append(REPLACEMENT)
            last_day = datetime.fromtimestamp(device.expires_at - 1, UTC).date()
            content = {"serial_number": device.serial_number, "last_day": f"{last_day}"}
            case.write("", REPLACEMENT, content)


def copy_of(case: RequestCase) -> RequestCase:
    """Return the case with a contract and a bank of its own: a refused request changes neither."""
    # Copied by pickle, which takes a tenth of the time of deepcopy; the bytes stay in here.
    contract, bank = pickle.loads(pickle.dumps((case.contract, case.bank)))  # noqa: S301
    return replace(case, contract=contract, bank=bank)


def rules_at(rules: Rulebook, bank: Bank, now_seconds: int) -> Rulebook:
    """Return the rules as they are at that time, with the terms that were changed until then."""
    for path, value, valid_from in bank.new_terms:
        if valid_from <= now_seconds and rules.stated(path):
            rules = rules.with_value(path, json.loads(value))
    return rules

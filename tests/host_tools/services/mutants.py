"""Mutants of devices and of the service: what each breaks, and which rows must notice."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from firmware_model.firmware import screens, soft
from firmware_model.firmware.token import Token
from firmware_model.inputs import AppTap
from host_tools.services import acts, contract_acts, device_acts, due, post, proofs
from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.case import RequestCase
from host_tools.services.contract import StopCause
from host_tools.services.service import Service
from host_tools.services.vocabulary import Act

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Mutant:
    """A fault put in by `breaks`, and by bank the rows that it must turn red, all and no others."""

    name: str
    breaks: Callable[[Patch], None]
    rows: Mapping[str, set[int]]


@contextmanager
def broken(mutant: Mutant) -> Iterator[None]:
    """Let a mutant live for as long as the body runs."""
    with Patch.context() as patch:
        mutant.breaks(patch)
        yield


def _around(patch: Patch, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    patch.setattr(owner, name, make(getattr(owner, name)))


def _shows(quantity: str, other: Callable[[int], int]) -> Callable[[Patch], None]:
    def breaks(patch: Patch) -> None:
        def make(right: Any) -> Any:
            def notice_text(token: Token, notice: Any, loaded_mv: int) -> str:
                text: str = right(token, notice, loaded_mv)
                if not notice.quantity.startswith(quantity):
                    return text
                number = "".join(sign for sign in text if sign.isdigit())
                return text.replace(number, str(other(int(number))).zfill(len(number)))

            return notice_text

        _around(patch, screens, "notice_text", make)

    return breaks


def _stop_does_nothing(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def take_tap(self: soft.SoftApp, tap: AppTap) -> str:
            return soft.STOPPED if tap is AppTap.STOP else right(self, tap)

        return take_tap

    _around(patch, soft.SoftApp, "_take_tap", make)


def _lifts_for_everybody(patch: Patch) -> None:
    def lift(self: RequestCase, causes: Any, _subject: str) -> None:
        self.contract.stops = [one for one in self.contract.stops if one.cause not in causes]

    patch.setattr(RequestCase, "lift", lift)


def _helps_nobody(patch: Patch) -> None:
    patch.setattr(RequestCase, "lift", lambda _self, _causes, _subject: None)


def _returned_for_any_reason(patch: Patch) -> None:
    def make(right: Any) -> Any:
        return lambda case, token, *, wrong_address: right(case, token, wrong_address=True)

    _around(patch, post, "bring_back", make)


def _replacement_is_charged(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def replaced(case: RequestCase) -> None:
            before = len(case.contract.orders)
            right(case)
            if len(case.contract.orders) > before:
                case.charge("additional")

        return replaced

    _around(patch, due, "_replace_expiring", make)


def _replaced_at_every_look(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def replaced(case: RequestCase) -> None:
            for device in case.contract.devices.values():
                device.replaced = device.replaced and bool(device.void)
            right(case)

        return replaced

    _around(patch, due, "_replace_expiring", make)


def _charged_twice(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def charge(self: RequestCase, fee: str, at: int | None = None) -> None:
            right(self, fee, at)
            right(self, fee, at)

        return charge

    _around(patch, RequestCase, "charge", make)


def _loss_needs_a_token(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def report(case: RequestCase, target: str, entered: Any) -> None:
            if not case.member(target).tokens:
                raise Refusal(RefusalReason.NOT_ELIGIBLE, "no token")
            right(case, target, entered)

        return report

    doings = {**acts._DOINGS, Act.REPORT_LOSS: make(device_acts.report_loss)}
    doings[Act.EMERGENCY_STOP] = make(contract_acts.known)
    patch.setattr(acts, "_DOINGS", doings)


def _reissued_again_and_again(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def reissue(case: RequestCase, target: str, entered: Any) -> None:
            right(case, target, entered)
            for device in case.contract.devices.values():
                device.replaced = False

        return reissue

    doings = {**acts._DOINGS, Act.REISSUE: make(device_acts.reissue)}
    patch.setattr(acts, "_DOINGS", doings)


def _no_wait_after_revocation(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def revoke(case: RequestCase, target: str, entered: Any) -> None:
            right(case, target, entered)
            for member in case.contract.members.values():
                if member.enrols_from:
                    member.enrols_from = case.now
                    member.tokens = []

        return revoke

    doings = {**acts._DOINGS, Act.REVOKE: make(device_acts.revoke)}
    patch.setattr(acts, "_DOINGS", doings)


def _new_terms_at_once(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def rules_at(rules: Any, bank: Any, _now: int) -> Any:
            return right(rules, bank, 2**40)

        return rules_at

    _around(patch, due, "rules_at", make)


def _temporary_for_ever(patch: Patch) -> None:
    patch.setattr(proofs, "replace_temporary", _refuse_temporary)


def _refuse_temporary(_case: RequestCase, member: Any, _entered: Any) -> None:
    if member.temporary:
        raise Refusal(RefusalReason.TEMPORARY, "temporary")


def _pays_without_limit(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def claim(case: RequestCase, target: str, entered: Any) -> None:
            right(case, target, entered)
            case.contract.claims[-1].paid_yen = case.contract.claims[-1].loss_yen

        return claim

    doings = {**acts._DOINGS, Act.CLAIM: make(contract_acts.claim)}
    patch.setattr(acts, "_DOINGS", doings)


def _email_to_another_address(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def write(case: RequestCase, name: str, items: Any) -> None:
            right(case, name, {**items, "email": "bank@example.jp"})

        return write

    _around(patch, post, "write_email", make)


def _email_tells_the_password(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def write(case: RequestCase, name: str, items: Any) -> None:
            right(case, name, items)
            case.contract.messages[-1].text += " 4711 246810"

        return write

    _around(patch, post, "write_email", make)


def _late_confirmation_counts(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def catch_up(case: RequestCase) -> None:
            for transfer in case.contract.transfers:
                if transfer.state == "waiting":
                    transfer.confirm_by = case.now
            right(case)

        return catch_up

    _around(patch, due, "catch_up", make)


def _back_is_a_day_off(patch: Patch) -> None:
    def make(right: Any) -> Any:
        from datetime import timedelta

        def back_of(self: Service, record: Any) -> str:
            text: str = right(
                self, replace(record, expiry_date=record.expiry_date + timedelta(days=1))
            )
            return text

        return back_of

    _around(patch, Service, "back_of", make)


def _pause_for_codes_only(patch: Patch) -> None:
    def refuse(self: RequestCase, *, by_code: bool) -> None:
        if self.bank.interrupted and by_code:
            raise Refusal(RefusalReason.INTERRUPTED, "interrupted")

    patch.setattr(RequestCase, "refuse_interrupted", refuse)


def _wrong_secrets_are_not_counted(patch: Patch) -> None:
    patch.setattr(proofs, "_lock", lambda _case, member, name, _operation: member.tries.pop(name))


def _cancelled_for_good(patch: Patch) -> None:
    def applied(_case: RequestCase, _target: str, _entered: Any) -> None:
        raise Refusal(RefusalReason.ENDED, "no way back")

    patch.setattr(acts, "_DOINGS", {**acts._DOINGS, Act.APPLY: applied})


def _app_stop_reaches_nobody(patch: Patch) -> None:
    patch.setattr(Service, "stop_app", lambda _self, _number, _token, _now: None)


def _loss_stops_nothing(patch: Patch) -> None:
    def make(right: Any) -> Any:
        def stop(self: RequestCase, scope: str, subject: str, cause: Any, *rest: Any) -> None:
            if cause not in (StopCause.LOSS, StopCause.EMERGENCY):
                right(self, scope, subject, cause, *rest)

        return stop

    _around(patch, RequestCase, "stop", make)


MUTANTS = (
    Mutant("bAtt prints nine less n", _shows("battery_", lambda n: 9 - n), {"shinkin": {7}}),
    Mutant("three times the days", _shows("days_to", lambda n: 3 * n), {"howa": {7}}),
    Mutant("STOP has no effect", _stop_does_nothing, {"shinkin": {9}}),
    Mutant("the app's STOP reaches nobody", _app_stop_reaches_nobody, {"shinkin": {9}}),
    Mutant("uncollected mail is a wrong address", _returned_for_any_reason, {"shinkin": {13}}),
    Mutant("the replacement is charged", _replacement_is_charged, {"rokin": {9}}),
    Mutant("replaced at every look", _replaced_at_every_look, {"rokin": {4, 9}}),
    Mutant("an act helps everybody", _lifts_for_everybody, {"joyo": {8, 13}}),
    Mutant("an act helps nobody", _helps_nobody, {"ja": {10}, "shinkin": {10, 12, 13, 15, 19}}),
    Mutant("every fee twice", _charged_twice, {"rokin": {3, 5}, "joyo": {6}}),
    Mutant("a loss needs a token", _loss_needs_a_token, {"joyo": {13}, "ja": {8, 10}}),
    Mutant("a loss stops nothing", _loss_stops_nothing, {"ja": {8, 10}, "joyo": {13}}),
    Mutant("reissued again and again", _reissued_again_and_again, {"shinkin": {10, 19}}),
    Mutant("no wait after a revocation", _no_wait_after_revocation, {"rokin": {7, 9}}),
    Mutant("new terms hold at once", _new_terms_at_once, {"shinkin": {20}, "joyo": {9}}),
    Mutant("temporary for ever", _temporary_for_ever, {"howa": {15}}),
    Mutant("compensation without limit", _pays_without_limit, {"howa": {18}}),
    Mutant("the e-mail goes elsewhere", _email_to_another_address, {"ja": {9}}),
    Mutant("the e-mail tells the password", _email_tells_the_password, {"ja": {9}}),
    Mutant("a late confirmation counts", _late_confirmation_counts, {"howa": {12, 13}}),
    Mutant("the back is a day off", _back_is_a_day_off, {"rokin": {4}}),
    Mutant("a pause stops codes only", _pause_for_codes_only, {"howa": {17}}),
    Mutant("wrong secrets do not lock", _wrong_secrets_are_not_counted, {"howa": {10, 13}}),
    Mutant("no way back from a cancellation", _cancelled_for_good, {"shinkin": {14, 17, 18}}),
)

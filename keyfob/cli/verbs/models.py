"""`keyfob models`: what fobs there are, and what one of them does, in words."""

import click

from firmware_model import catalogue
from firmware_model.catalogue import Model
from firmware_model.datasheet.program import Notice
from firmware_model.expectation import expect
from firmware_model.generators import OtpKind
from keyfob.cli.options import json_option
from keyfob.cli.output import print_json, print_rows
from keyfob.cli.parameters import model_names, offering
from keyfob.models import load_model

QUANTITIES = {
    "battery_percent": ("percent left in the cell", "less than {} % is left in the cell"),
    "battery_days": ("days left", "the cell will last less than {} days"),
    "days_to_expiry": ("days to the expiry date", "the expiry date is less than {} days away"),
    "presses_left": ("presses left", "fewer than {} presses are left"),
}
USUAL_PRESSES = 10
"""Presses a day that an expected life is told for."""

SECOND_PRESS = {
    "next": "shows the next code",
    "off": "blanks the display",
    "same": "shows the same code for longer",
}


@click.command()
@click.argument("name", required=False, shell_complete=offering(model_names))
@json_option
def models(name: str | None, *, as_json: bool) -> None:
    """List the models, or describe the one called NAME (or in the file NAME.toml) in words."""
    if name is not None:
        model = load_model(name)
        if as_json:
            print_json(_summary(model) | {"description": dict(_words(model))})
        else:
            print_rows([("model", f"{model.name}: {model.summary}"), *_words(model)])
        return
    every = [catalogue.load(known) for known in catalogue.names()]
    if as_json:
        print_json([_summary(model) for model in every])
    else:
        print_rows([(model.name, model.summary) for model in every])


def _summary(model: Model) -> dict[str, object]:
    return {
        "model": model.name,
        "summary": model.summary,
        "claim": model.claim,
        "kind": model.otp.kind.name.lower(),
        "algorithm": model.otp.algorithm.name.lower(),
        "digits": model.otp.digits,
        "step_seconds": model.otp.step_seconds if model.otp.kind is OtpKind.TOTP else None,
    }


def _words(model: Model) -> list[tuple[str, str]]:
    otp, life = model.otp, model.life
    moves = "each press" if otp.kind is OtpKind.HOTP else f"every {otp.step_seconds} s"
    rows = [
        ("code", f"{otp.digits} digits, {otp.kind.name} with {otp.algorithm.title}, new {moves}"),
        ("shown", _shown(model)),
        ("second press", SECOND_PRESS[model.button.second_press]),
    ]
    if model.pages.show:
        held = f"held for {_seconds(model.button.long_ms)}"
        rows.append(("menu", f"{held}: {', '.join(model.pages.show)}"))
    if model.security.sealed:
        rows.append(("delivery", "sealed: dark until the first long press"))
    if model.app is None:
        rows.append(("battery", f"estimated by {_estimator(model)}"))
    rows += [("notice", _notice(notice)) for notice in model.notices]
    rows.append(("end of life", _end(model)))
    if life.by_expiry_date:
        rows.append(("after expiry", f"codes for {life.grace_days} days more"))
    if model.app is None:
        rows.append(("expected life", _expected(model)))
    rows += [
        ("lock", f"secure commands, after {model.security.tries} wrong keys"),
        ("data sheets say", model.claim),
    ]
    return rows


def _shown(model: Model) -> str:
    screen = model.screen
    how = {
        "timeout": f"for {_seconds(screen.code_ms)} after a press",
        "step": "after a press, until the time step ends",
        "always": "always",
    }[screen.until]
    return how + (f", with {screen.bars} step bars" if screen.bars else "")


def _estimator(model: Model) -> str:
    if model.battery.estimator == "budget":
        return f"a charge budget of {model.battery.budget_uah / 1000:g} mAh"
    return "the voltage under load"


def _notice(notice: Notice) -> str:
    count, sentence = QUANTITIES[notice.quantity]
    number = ""
    if "{n}" in notice.text:
        number = f"; n = {count}" + (f" / {notice.per}" if notice.per > 1 else "")
    text = notice.text.replace("{n}", "n")
    return f"“{text}” before the code once {sentence.format(notice.below)}{number}"


def _end(model: Model) -> str:
    life = model.life
    limits = []
    if life.presses:
        limits.append(f"{life.presses:,} presses")
    if life.years:
        limits.append(f"{life.years} years")
    if life.by_expiry_date:
        limits.append("the expiry date")
    if model.app is None:
        limits.append("an empty cell")
    shown = f"then “{life.end_text}” is shown" if life.end_text else "then it stays dark"
    return f"after {' or '.join(limits)}; {shown}"


def _expected(model: Model) -> str:
    found = expect(model, USUAL_PRESSES)
    years = f"{found.days / 365.25:.1f} years at {USUAL_PRESSES} presses a day"
    cell = f"{found.cell_days / 365.25:.1f} years"
    if found.days < found.cell_days:
        return f"{years}; its cell would last {cell}"
    return f"{years}, as long as its cell lasts at 25 °C"


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:g} s"

"""Fobs as JSON: what the display shows, what the meters read, what is printed on the back."""

from typing import Any

from emulator.fob import EmulatedFob
from emulator.rack import EmulatedRack
from emulator.true_time import spell_seconds
from firmware_model.effects import Face, Gauges
from firmware_model.expectation import expect
from firmware_model.firmware.description import describe, token_of
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SECONDS_PER_DAY, SimTime

EVENTS = 40
USUAL_PRESSES, PRESSES_MAX, YOUNG_DAYS = 10, 500, 30
"""Presses a day that are assumed of a fob that is younger than so many days."""

CONTRAST_PERCENT = 5
"""What a display's contrast is rounded to: finer changes nobody sees."""

Json = dict[str, Any]


def show_face(number: int, face: Face) -> Json:
    """Return what an eye sees on the display of fob `number`."""
    dark = face.dark
    return {
        "fob": number,
        "text": face.text,
        "segments": list(face.segments),
        "bars": face.bars,
        "icons": list(face.icons),
        "contrast": -(-face.contrast_percent // CONTRAST_PERCENT) * CONTRAST_PERCENT,
        "dark": None if dark is None else dark.reason.value,
        "since": None if dark is None or dark.since is None else in_seconds(dark.since),
    }


def show_summary(rack: EmulatedRack, fob: EmulatedFob) -> Json:
    """Return a fob as the rack lists it: its display, its name, its state, its cell."""
    face = rack.look(fob)
    gauges = fob.device.gauges(rack.catch_up(fob))
    found = show_face(fob.number, face) | {
        "serial_number": fob.serial_number,
        "credential_id": fob.label.credential_id,
        "model": fob.model,
        "positions": fob.device.model.display.positions,
        "has_letters": fob.device.model.display.cells == "letters",
        "step_bars": fob.device.model.screen.bars,
        "port": fob.port,
        "address": fob.device.place.address,
        "running": gauges.running,
        "charge_percent": gauges.charge_permille / 10,
        "is_soft": fob.device.model.app is not None,
        "life_cycle": "",
        "is_expired": False,
        "is_battery_low": False,
    }
    token = token_of(fob.device.program)
    if token is not None:
        state = describe(token)
        found |= {
            "life_cycle": state.life_cycle,
            "is_expired": state.is_expired,
            "is_battery_low": state.is_battery_low,
        }
    return found


def show_details(rack: EmulatedRack, fob: EmulatedFob) -> Json:
    """Return everything that can be seen, measured or read about a fob; never a seed or a key."""
    found = show_summary(rack, fob)
    device, now = fob.device, rack.clock.now()
    gauges = device.gauges(rack.catch_up(fob))
    model, label = device.model, fob.label
    has_clock = gauges.clock_unix is not None
    found |= {
        "label": {
            "serial_number": label.serial_number,
            "serial_barcode": label.serial_barcode,
            "credential_id": label.credential_id,
            "credential_barcode": label.credential_barcode,
            "expiry_date": label.expiry_date,
        },
        "volts": gauges.open_mv / 1000,
        "volts_loaded": gauges.loaded_mv / 1000,
        "celsius": gauges.millicelsius / 1000,
        "clock_unix": gauges.clock_unix,
        "clock_error_seconds": -gauges.clock_lag_ns / NS_PER_SECOND if has_clock else None,
        "presses": gauges.presses,
        "presses_max": model.life.presses or None,
        "ignored": fob.ignored,
        "erases": list(gauges.erases),
        "erases_max": model.flash.endurance_cycles,
        "long_press_seconds": model.button.long_ms / 1000,
        "is_pressed": fob.held or bool(fob.touches % 2),
        "is_stuck": device.button_stuck,
        "is_cell_in": fob not in rack.unpowered,
        "incarnation": fob.incarnation,
        "faults": [] if fob.faulty_line is None else list(fob.faulty_line.left(now)),
        "events": rack.trace.events(fob.number, EVENTS),
        "notes": list(device.program_notes),
        "slots": [],
    } | _show_processor(fob)
    token = token_of(device.program)
    if token is not None:
        found["slots"] = [
            {
                "number": slot.number,
                "kind": slot.kind.name,
                "algorithm": slot.algorithm,
                "digits": slot.digits,
                "step_seconds": slot.step_seconds,
                "next_factor": slot.next_factor,
            }
            for slot in describe(token).slots
        ]
        made = token.made_days * SECONDS_PER_DAY
        expiry = token.expiry_days
        found |= {
            "made": made or None,
            "expiry": None if expiry is None else expiry * SECONDS_PER_DAY,
            "expected": _expect_life(fob, gauges, now, made),
        }
    return found


def _show_processor(fob: EmulatedFob) -> Json:
    """Return the registers and the place of a firmware image; {} for any other program."""
    read = fob.device.program.report().read_processor
    if read is None:
        return {}
    registers, place = read()
    names = {name: f"{value:08x}" for name, value in registers}
    return {"processor": {"registers": names, "where": place}}


def _expect_life(fob: EmulatedFob, gauges: Gauges, now: SimTime, made: int) -> Json | None:
    """Return when the cell will be empty, at as many presses a day as the fob has had so far."""
    model = fob.device.model
    if not made or model.app is not None:
        return None
    days = (now // NS_PER_SECOND - made) / SECONDS_PER_DAY
    a_day = USUAL_PRESSES
    if days >= YOUNG_DAYS and gauges.presses:
        a_day = min(max(1, round(gauges.presses / days)), PRESSES_MAX)
    left = expect(model, a_day).cell_days * gauges.charge_permille // 1000
    return {"empty": now // NS_PER_SECOND + left * SECONDS_PER_DAY, "presses_per_day": a_day}


def show_time(rack: EmulatedRack) -> Json:
    """Return true time in seconds since 1970, and its rate in true seconds a second."""
    return {"now": in_seconds(rack.clock.now()), "rate": float(rack.clock.rate)}


def in_seconds(instant: SimTime) -> float:
    """Return an instant in seconds since 1970, to the millisecond."""
    return float(spell_seconds(instant - instant % NS_PER_MS))

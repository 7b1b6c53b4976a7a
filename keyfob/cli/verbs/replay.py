"""`keyfob replay`: a recording or bundle played again, and every effect compared."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from emulator.recordings.bundle import FailureReport, open_recordings
from emulator.recordings.reading import Recording
from emulator.recordings.replay import Moment, replay, words_of
from emulator.settings import ANY_LOOPBACK_PORT
from firmware_model.errors import Denied
from keyfob.cli.moment_view import difference_lines, spelled
from keyfob.cli.options import json_option
from keyfob.cli.output import only_ascii, print_json
from keyfob.cli.parameters import ANY_FILE
from keyfob.cli.replay_panel import show_in_panel
from keyfob.cli.replay_steps import is_interactive, lines_of, step
from keyfob.cli.terminal import columns


@dataclass(slots=True)
class _Total:
    """What a replay of one recording came to."""

    fobs: int
    inputs: int = 0
    difference: Moment | None = None


@click.command(name="replay")
@click.argument("file", metavar="FILE", type=ANY_FILE)
@click.option("--step", "stepping", is_flag=True, help="Show every input: glass, frames, events.")
@click.option(
    "--fob", type=click.IntRange(1), metavar="N", help="With --step: only this fob of the rack."
)
@click.option(
    "--panel",
    is_flag=False,
    flag_value=ANY_LOOPBACK_PORT,
    metavar="[HOST:PORT]",
    help="Show it in a browser, forwards and back; prints an address that opens one, once.",
)
@json_option
def replay_file(
    file: Path, fob: int | None, panel: str | None, *, stepping: bool, as_json: bool
) -> None:
    """Replay FILE, a recording or a bundle, and compare every effect byte for byte.

    --step goes through it by keys, forwards and back; piped, it prints everything. Exit status 1:
    the first difference is shown with both glasses. 2: FILE is damaged, cut short or of a later
    version.
    """
    if fob is not None and not stepping:
        raise click.UsageError("--fob needs --step")
    if panel is not None:
        if stepping or as_json:
            raise click.UsageError("--panel shows everything: leave out --step and --json")
        show_in_panel(file.name, _moments(file, fob), panel)
        return
    if stepping and is_interactive() and not as_json:
        step(lambda: _moments(file, fob))
        return
    if stepping:
        _print_moments(file, fob, as_json=as_json)
        return
    totals = []
    with open_recordings(file) as (failure, recordings):
        if not as_json:
            _print_failure(failure)
        for recording in recordings:
            for note in recording.run.notes:
                click.echo(f"note: {note}", err=True)
            total = _Total(len(recording.run.fobs))
            totals.append(total)
            _count(recording, total, as_json=as_json)
    _print_totals(totals, as_json=as_json)


def _count(recording: Recording, total: _Total, *, as_json: bool) -> None:
    for moment in replay(recording):
        total.inputs = moment.count
        if moment.difference is not None:
            total.difference = moment
            if not as_json:
                for line in difference_lines(moment, columns(), plain=only_ascii()):
                    click.echo(line)


def _print_totals(totals: list[_Total], *, as_json: bool) -> None:
    different = [total for total in totals if total.difference is not None]
    inputs, fobs = sum(t.inputs for t in totals), sum(t.fobs for t in totals)
    if as_json:
        first = different[0].difference if different else None
        print_json({"fobs": fobs, "inputs": inputs, "difference": first and _as_json(first)})
    elif not different:
        click.echo(f"{_many(inputs, 'input')} of {_many(fobs, 'fob')}: every effect is the same")
    if different:
        raise Denied(f"the replay differs from the recording at input {different[0].inputs}")


def _moments(file: Path, fob: int | None) -> Iterator[Moment]:
    with open_recordings(file) as (_, recordings):
        for recording in recordings:
            for moment in replay(recording):
                if fob in (None, moment.fob.number) or moment.difference is not None:
                    yield moment


def _print_moments(file: Path, fob: int | None, *, as_json: bool) -> None:
    different = None
    for moment in _moments(file, fob):
        if as_json:
            print_json(_as_json(moment))
        else:
            click.echo("\n".join([*lines_of(moment), ""]))
        different = moment if moment.difference is not None else different
    if different is not None:
        raise Denied(f"the replay differs from the recording at input {different.count}")


def _as_json(moment: Moment) -> dict[str, object]:
    return {
        "input": moment.count,
        "line": moment.line,
        "at": spelled(moment.at),
        "channel": moment.fob.number,
        "serial_number": moment.fob.serial_number,
        "what": words_of(moment.given),
        "glass": moment.glass,
        "text": moment.face.text,
        "frames": moment.frames,
        "events": moment.events,
        **({} if moment.difference is None else asdict(moment.difference)),
    }


def _print_failure(failure: FailureReport) -> None:
    for name, text in (
        ("failed", failure.what),
        ("with", failure.problem),
        ("again", failure.again),
    ):
        if text:
            click.echo(f"{name}: {text}")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

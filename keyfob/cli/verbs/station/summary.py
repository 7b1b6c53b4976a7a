"""What `keyfob station run` says at its end: what is done, what is not, and what to do."""

from collections import defaultdict
from collections.abc import Sequence

import click

from host_tools.provisioning.station.jobs import Job
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.outcome import ToDo, causes, to_do
from host_tools.provisioning.station.place import StationEvent, TrayPlace
from host_tools.provisioning.station.run import StationRun
from host_tools.provisioning.station.states import JobState
from host_tools.provisioning.station.times import iso, utc
from keyfob.cli.output import print_json

NAMED_MAX = 10
"""How many records that were refused for one cause are named on the screen; all are in the log."""


def print_summary(run: StationRun, *, as_json: bool) -> None:
    """Print how a run ended; `as_json` for programs."""
    outcome = run.outcome
    todo = to_do(outcome, run.faults, ended_early=bool(run.errors))
    if as_json:
        print_json(_as_json(run, todo))
        return
    missing = f", {outcome.expected} expected" if outcome.done != outcome.expected else ""
    click.echo(f"{outcome.done} fob{'s' * (outcome.done != 1)} sealed{missing}")
    for event in outcome.failed:
        subject = "" if event.subject == str(event.place) else f"{event.subject}: "
        click.echo(f"{event.place}: {subject}{event.cause}: {event.message}")
    for event in outcome.unfinished:
        click.echo(f"{event.place}: {event.subject}: left at {event.state}")
    for line in silent_places(outcome.silent):
        click.echo(f"{line}: nothing answers")
    stopped = {event.subject for event in (*outcome.failed, *outcome.unfinished)}
    for job in outcome.left_open:
        if job.serial_number not in stopped:
            why = f": {job.cause}" if job.cause else ""
            click.echo(
                f"{job.place}: {job.serial_number} is {job.state}, last tried {utc(job.at)}{why}"
            )
    for line in run.costs:
        click.echo(line)
    for each in todo:
        click.echo(f"to do: {each.count} × {each.what}")


def name_refusals(faults: Sequence[Fault]) -> None:
    """Say on standard error which records of the seed file were refused, and why."""
    by_cause: dict[str, list[str]] = defaultdict(list)
    for fault in faults:
        by_cause[fault.cause].append(fault.message)
    for cause, messages in by_cause.items():
        for message in messages[:NAMED_MAX]:
            click.echo(f"{cause}: {message}", err=True)
        if len(messages) > NAMED_MAX:
            click.echo(f"{cause}: {len(messages) - NAMED_MAX:,} more", err=True)


def silent_places(places: Sequence[TrayPlace]) -> list[str]:
    """Return places a line each: `./tray, addresses 3, 7-9`."""
    by_port: dict[str, list[int]] = defaultdict(list)
    for place in places:
        by_port[place.port].append(place.address)
    found = []
    for port, addresses in by_port.items():
        runs: list[list[int]] = []
        for address in sorted(addresses):
            if runs and address == runs[-1][-1] + 1:
                runs[-1].append(address)
            else:
                runs.append([address])
        spelled = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
        several = "es" * (len(addresses) > 1)
        found.append(f"{port}, address{several} {', '.join(spelled)}")
    return found


def _as_json(run: StationRun, todo: Sequence[ToDo]) -> dict[str, object]:
    outcome, faults = run.outcome, run.faults
    found = causes(outcome.failed, faults)
    return {
        "sealed": outcome.done,
        "expected": outcome.expected,
        "complete": run.is_complete,
        "failed": {cause.value: count for cause, count in found.items()},
        "empty": len(outcome.silent),
        "places": [_place_json(event) for event in outcome.all()],
        "open": [job_json(job) for job in outcome.left_open],
        "refused_records": [
            {"serial_number": fault.subject, "cause": fault.cause, "message": fault.message}
            for fault in faults
        ],
        "line_costs": run.costs,
        "to_do": [f"{each.count} × {each.what}" for each in todo],
        "ended_early": [str(error) for error in run.errors],
    }


def job_json(job: Job) -> dict[str, object]:
    """Return an open job as programs read it."""
    return {
        "serial_number": job.serial_number,
        "state": job.state,
        "place": job.place,
        "batch": job.batch,
        "last_tried": iso(job.at),
        "cause": job.cause or None,
        "message": job.message,
    }


def _place_json(event: StationEvent) -> dict[str, object]:
    named = event.subject not in ("", str(event.place)) and not event.subject.startswith("chip ")
    return {
        "place": event.place.position,
        "port": event.place.port,
        "address": event.place.address,
        "serial_number": event.subject if named else None,
        "chip_id": event.chip_id,
        "done": event.state is JobState.RECEIPTED,
        "state": event.state or ("stopped" if event.cause else "empty"),
        "cause": event.cause,
        "message": event.message,
        "at": iso(event.at) if event.at else None,
    }

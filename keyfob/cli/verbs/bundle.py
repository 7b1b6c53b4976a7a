"""`keyfob bundle`: recordings in one file, for a colleague or, with `--share`, for anybody."""

import tempfile
from pathlib import Path

import click

from emulator.recordings.bundle import FailureReport, extract, is_whole, write_bundle
from emulator.recordings.reading import Recording
from emulator.recordings.sharing import reasons_against_sharing
from firmware_model.errors import Denied
from firmware_model.generators import Hash
from host_tools.seeds.generation import published_seed
from keyfob.cli.options import json_option
from keyfob.cli.output import print_json
from keyfob.cli.parameters import ANY_FILE, NewFile


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=ANY_FILE)
@click.option("--out", required=True, metavar="FILE", type=NewFile(), help="The bundle to write.")
@click.option(
    "--share",
    is_flag=True,
    help="Refuse unless every seed and key in it is a published test seed or key.",
)
@json_option
def bundle(files: tuple[Path, ...], out: Path, *, share: bool, as_json: bool) -> None:
    """Put recordings, or the bundles of failed tests, into one file for `keyfob replay`.

    It holds the seeds of its fobs, so it has mode 0600. Exit status 1: --share found a secret, and
    nothing was written.
    """
    with tempfile.TemporaryDirectory(prefix="keyfob-") as folder:
        failures, recordings = [], []
        for file in files:
            failure, copies = extract(file, Path(folder))
            failures.append(failure)
            recordings += copies
        if share and (reasons := _reasons(recordings)):
            raise Denied(f"not written, because it must not be shared: {'; '.join(reasons)}")
        write_bundle(out, recordings, _one_of(failures))
    if as_json:
        print_json({"bundle": str(out), "recordings": len(recordings), "shareable": share})
    else:
        what = "published test seeds only" if share else "mode 0600: seeds"
        click.echo(f"{out}: {len(recordings)} recording(s), {what}")


def _reasons(recordings: list[Path]) -> list[str]:
    published = {published_seed(algorithm) for algorithm in Hash}
    found: list[str] = []
    for path in recordings:
        with path.open("rb") as file, Recording(file, str(path), is_cut=not is_whole(path)) as one:
            found += reasons_against_sharing(one, published.__contains__)
    return list(dict.fromkeys(found))


def _one_of(failures: list[FailureReport]) -> FailureReport:
    """Return the first failure that says what failed."""
    return next((failure for failure in failures if failure.what), FailureReport())

"""What a seed file holds and what is suspicious about it, without showing a seed."""

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

from firmware_model.generators import OtpKind
from host_tools.seeds.entry import Detected, Reading, Remark, SeedEntry, TableColumns
from host_tools.seeds.files import Progress, entries
from host_tools.seeds.privacy import HIDDEN, could_be_seed
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.suspicion import doubts_about_seed, doubts_about_step

EXAMPLES = 3
"""How many keys a finding names; the rest are counted."""

RARE = 10
"""A length is an outlier when at most one in ten of its kind has it."""


@dataclass(slots=True)
class Finding:
    """Something to know: how often, and the first few places where."""

    text: str
    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, where: str) -> None:
        """Count it once more, at `where`."""
        self.count += 1
        if where and len(self.examples) < EXAMPLES:
            self.examples.append(where)


@dataclass(slots=True)
class InspectionReport:
    """What `inspect` found: how many keys, of which kinds, and four grades of findings.

    `format` is a name of `FORMATS`. `columns` says what a table's columns were taken for. `facts`
    are the file's properties, `left_out` its keys that are no one-time passwords of OATH,
    `suspicions` what a careful person looks into, `faults` why keys cannot be read. `locked` counts
    keys whose seed could not be seen for want of a key.
    """

    format: str = ""
    count: int = 0
    locked: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    seed_bytes: Counter[int] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    columns: tuple[str, ...] = ()
    first_start: date | None = None
    first_expiry: date | None = None
    last_expiry: date | None = None
    facts: dict[str, Finding] = field(default_factory=dict)
    left_out: dict[str, Finding] = field(default_factory=dict)
    suspicions: dict[str, Finding] = field(default_factory=dict)
    faults: dict[str, Finding] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether every key can be read, none is left out, and nothing is suspicious."""
        return self.count > 0 and not (self.suspicions or self.faults or self.left_out)


def inspect(
    reading: Reading,
    today: date,
    format: str | None = None,  # noqa: A002 - what everybody calls it
    progress: Progress | None = None,
) -> InspectionReport:
    """Read the whole file of `reading` and report; `today` decides what has expired.

    Encrypted keys are described as far as they go without a secret. Memory is about 200 bytes a
    key, for finding duplicates. Raises what `entries` raises where nothing can be read at all.
    """
    report = InspectionReport()
    memory = _Memory()
    for found in entries(reading, format, progress):
        if isinstance(found, Detected):
            report.format = found.format
        elif isinstance(found, TableColumns):
            report.columns = found.columns
        elif isinstance(found, Remark):
            grade = report.suspicions if found.doubtful else report.facts
            _note(report.left_out if found.left_out else grade, found.text, found.where)
        elif found.record is None:
            _note(report.faults, found.fault, found.where)
        else:
            _count(report, found, found.record, today)
            memory.look(report, found.where, found.record)
    memory.outliers(report)
    if not report.count and not report.faults:
        _note(report.faults, "it holds no seed", "")
    return report


def _count(report: InspectionReport, entry: SeedEntry, record: SeedRecord, today: date) -> None:
    report.count += 1
    report.kinds[_kind(record)] += 1
    model = " ".join(filter(None, (record.manufacturer, record.model))) or "-"
    report.models[HIDDEN if could_be_seed(model) else model] += 1
    for text in entry.doubts:
        _note(report.suspicions, text, entry.where)
    for text in doubts_about_step(record):
        _note(report.suspicions, text, entry.where)
    if record.seed:
        report.seed_bytes[len(record.seed)] += 1
        for text in doubts_about_seed(record):
            _note(report.suspicions, text, entry.where)
    else:
        report.locked += 1
    if record.start_date is not None:
        report.first_start = min(report.first_start or record.start_date, record.start_date)
        if record.start_date > today:
            _note(report.suspicions, "not valid yet", entry.where)
    if record.expiry_date is not None:
        report.first_expiry = min(report.first_expiry or record.expiry_date, record.expiry_date)
        report.last_expiry = max(report.last_expiry or record.expiry_date, record.expiry_date)
        if record.expiry_date < today:
            _note(report.suspicions, "expired", entry.where)


def _kind(record: SeedRecord) -> str:
    step = f", {record.step_seconds} s" if record.kind is OtpKind.TOTP else ""
    return f"{record.kind.name} {record.algorithm.title}, {record.digits} digits{step}"


def _note(findings: dict[str, Finding], text: str, where: str) -> None:
    findings.setdefault(text, Finding(text)).add(where)


class _Memory:
    """What must be remembered over the whole file: names, seeds (as keyed digests), the usual."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)
        self._names: set[tuple[str, str]] = set()
        self._seeds: set[bytes] = set()
        self._number_lengths: dict[int, Finding] = {}
        self._seed_lengths: dict[int, Finding] = {}
        self._steps: dict[str, dict[int, Finding]] = {}

    def look(self, report: InspectionReport, where: str, record: SeedRecord) -> None:
        name = (record.serial_number, record.credential_id)
        if name in self._names:
            _note(report.suspicions, "the same key is there twice", where)
        self._names.add(name)
        if record.serial_number.isdigit():
            length = len(record.serial_number)
            self._number_lengths.setdefault(length, Finding("")).add(where)
        if record.seed:
            digest = blake2b(record.seed, digest_size=8, key=self._salt).digest()
            if digest in self._seeds:
                _note(report.suspicions, "the same seed as another key's", where)
            self._seeds.add(digest)
            self._seed_lengths.setdefault(len(record.seed), Finding("")).add(where)
        if record.kind is OtpKind.TOTP:
            steps = self._steps.setdefault(f"{record.manufacturer} {record.model}", {})
            steps.setdefault(record.step_seconds, Finding("")).add(where)

    def outliers(self, report: InspectionReport) -> None:
        """Report the few that are shorter than the most, or at another step than their model's."""
        for lengths, what in (
            (self._number_lengths, "its serial number is shorter than most others"),
            (self._seed_lengths, "its seed is shorter than most others"),
        ):
            for length, finding, usual in _outliers(lengths):
                if length < usual:
                    text = f"{what}: a spreadsheet may have eaten leading zeros"
                    _merge(report.suspicions, text, finding)
        for steps in self._steps.values():
            for step, finding, usual in _outliers(steps):
                text = f"its time step is {step} s, and most others' of its model {usual} s"
                _merge(report.suspicions, text, finding)


def _outliers(found: dict[int, Finding]) -> Iterator[tuple[int, Finding, int]]:
    """Yield each value that few have, where it was found, and the value that most have."""
    usual = max(found, key=lambda value: found[value].count, default=0)
    for value, finding in found.items():
        if value != usual and finding.count * RARE <= found[usual].count:
            yield value, finding, usual


def _merge(findings: dict[str, Finding], text: str, more: Finding) -> None:
    merged = findings.setdefault(text, Finding(text))
    merged.count += more.count
    merged.examples = (merged.examples + more.examples)[:EXAMPLES]

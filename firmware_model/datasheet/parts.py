"""The parts a board is built of, as a model's TOML describes them: figures with units and ranges.

Each class is one kind of part; `docs/MODELS.md` §3 lists the keys.
"""

from dataclasses import dataclass

from firmware_model.datasheet.rules import Curve, choice, points, span

_CELSIUS = (-60, 120)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellPart:
    """A lithium coin cell: V(t) = OCV(depth) - I * R(depth) * kT(temperature)."""

    capacity_uah: int = span(10_000, 1_000_000, "rated capacity")
    usable_permille: int = span(500, 1000, "share of the rated capacity that can be drawn")
    capacity_sigma_permille: int = span(0, 100, "spread from cell to cell")
    self_discharge_permille_per_year: int = span(0, 100, "at 25 °C")
    self_discharge_factor_percent_per_10k: int = span(100, 400, "growth for each 10 K more")
    open_circuit_mv: Curve = points(
        "open-circuit millivolts over permille drawn", (0, 1000), (0, 5000)
    )
    resistance_milliohm: Curve = points(
        "internal resistance over permille drawn", (0, 1000), (0, 10_000_000)
    )
    resistance_permille_by_celsius: Curve = points(
        "factor on the resistance over °C", _CELSIUS, (1, 100_000)
    )
    capacity_permille_by_celsius: Curve = points(
        "factor on the capacity over °C", _CELSIUS, (1, 10_000)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Crystal:
    """A 32,768 Hz tuning fork: y = f0 + B (T - T0)² + ageing, in parts per billion."""

    offset_sigma_ppb: int = span(0, 20_000, "spread after factory trim")
    offset_limit_ppb: int = span(0, 100_000, "no unit leaves the factory beyond this")
    parabola_ppt_per_k2: int = span(-100_000, 0, "curvature, 10⁻¹² per K²")
    turnover_millicelsius: int = span(0, 50_000, "where the parabola has its top")
    ageing_sigma_ppb: int = span(0, 10_000, "spread of the first year's ageing")
    ageing_decay_permille: int = span(0, 1000, "each year's ageing as a share of the last's")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mcu:
    """The processor: what it draws in each state, and below which voltage it stops."""

    sleep_na: int = span(0, 100_000, "RTC running, all else off")
    active_na: int = span(10_000, 50_000_000, "processor running")
    clock_khz: int = span(32, 1_000_000, "cycles of the processor in a millisecond")
    compute_ms: int = span(0, 5000, "time of one code")
    button_na: int = span(0, 1_000_000, "through the pull-up while the button is held")
    uart_na: int = span(0, 10_000_000, "while bytes pass, at the rate of the line")
    flash_write_na: int = span(0, 10_000_000, "while flash is written or erased")
    brown_out_mv: int = span(900, 3000, "falling supply at which the processor resets")
    brown_out_hysteresis_mv: int = span(0, 500, "above it, where it may start again")
    test_load_na: int = span(0, 50_000_000, "load under which the ADC measures the cell")
    test_load_ms: int = span(0, 1000, "duration of that load")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashPart:
    """Non-volatile memory: words and pages, bits that only fall, wear."""

    page_bytes: int = span(512, 65_536, "what one erase clears")
    pages: int = span(2, 1024, "how many; page 0 and the middle one are the journal's banks")
    word_bytes: int = span(1, 16, "what one programming operation writes")
    program_us: int = span(1, 100_000, "one word")
    erase_us: int = span(1, 1_000_000, "one page")
    endurance_cycles: int = span(10, 10**16, "rated erases of a page")
    weak_permille: int = span(0, 1000, "share of the bits under the cut that stay undecided")
    paired_page_permille: int = span(0, 1000, "chance that a cut also damages the paired page")


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPart:
    """The key under the finger: how long and how often its contact bounces."""

    bounce_us_min: int = span(0, 20_000, "shortest bouncing")
    bounce_us_max: int = span(0, 20_000, "longest bouncing")
    bounce_edges_max: int = span(0, 12, "most edges of one bouncing")
    count: int = span(1, 8, "how many such keys the board has; keyfob's program reads the first")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayPart:
    """A seven-segment liquid-crystal display, or one line of a screen that shows any letter."""

    cells: str = choice("segments", "letters", meaning="what one position of the display memory is")
    positions: int = span(4, 24, "digit positions")
    on_na: int = span(0, 100_000, "while lit")
    start_na: int = span(0, 5_000_000, "charge pump starting")
    start_ms: int = span(0, 1000, "duration of that start")
    dim_below_mv: int = span(0, 4000, "supply below which contrast fades")
    blank_below_mv: int = span(0, 4000, "supply below which nothing is seen")
    settle_ms_by_celsius: Curve = points(
        "time until a new picture stands, over °C", _CELSIUS, (0, 60_000)
    )
    black_above_celsius: int = span(0, 120, "temperature beyond which the whole glass is black")

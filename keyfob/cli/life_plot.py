"""The picture of a life: charge, loaded voltage and clock error above each other, on one page."""

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from firmware_model.generators import OtpKind
from keyfob.cli.life_story import Story

DAYS_PER_YEAR = 365.25
PAGE_INCHES = (8.27, 9.0)
INK, FAINT, ALARM = "#1f3a5f", "#9aa5b1", "#b3261e"


def draw(story: Story, temperature: str, path: str) -> None:
    """Write the picture of `story` to `path`; its ending decides the format.

    The same story gives the same file.
    """
    figure = Figure(figsize=PAGE_INCHES, layout="constrained")
    axes: Sequence[Axes] = figure.subplots(3, 1, sharex=True)
    years = [sample.day / DAYS_PER_YEAR for sample in story.samples]
    panels: list[tuple[str, list[float]]] = [
        ("charge left, %", [sample.charge_permille / 10 for sample in story.samples]),
        ("voltage under load, V", [sample.loaded_mv / 1000 for sample in story.samples]),
        ("clock error, s", [_or_nan(sample.clock_error_seconds) for sample in story.samples]),
    ]
    for panel, (label, values) in zip(axes, panels, strict=True):
        panel.plot(years, values, color=INK, linewidth=1.6)
        panel.set_ylabel(label)
        panel.grid(visible=True, color="#e4e7eb", linewidth=0.6)
        panel.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylim(0, 103)
    axes[1].axhline(story.model.mcu.brown_out_mv / 1000, color=ALARM, linewidth=0.8, linestyle="--")
    axes[1].annotate(
        "brown-out",
        (years[0], story.model.mcu.brown_out_mv / 1000),
        xytext=(2, 3),
        textcoords="offset points",
        fontsize=8,
        color=ALARM,
    )
    axes[2].axhline(0, color=FAINT, linewidth=0.8)
    _draw_windows(story, axes[2])
    axes[2].set_xlabel("years of use")
    axes[2].set_xlim(0, max(years[-1], story.days / DAYS_PER_YEAR) * 1.02)
    _mark(story, axes)
    figure.suptitle(
        f"{story.model.name}: {story.presses_per_day} presses a day, {temperature}"
        + (f", {story.codes:,} codes" if story.codes else "")
        + f"\n(simulated; data sheets of such fobs: {story.model.claim})",
        fontsize=11,
    )
    date = {"Date": None} if path.lower().endswith(".svg") else {}
    with mpl.rc_context({"svg.hashsalt": story.model.name}):
        figure.savefig(path, dpi=110, metadata=date)


def _draw_windows(story: Story, panel: Axes) -> None:
    """Shade the clock errors that a host still accepts within ±1 and ±2 time steps."""
    otp = story.model.otp
    if otp.kind is not OtpKind.TOTP:
        return
    for steps, shade in ((2, 0.10), (1, 0.16)):
        reach = steps * otp.step_seconds
        panel.axhspan(-reach, reach, color=INK, alpha=shade, linewidth=0, label=f"±{steps}")
        panel.annotate(
            f"±{steps} step{'s' * (steps != 1)}",
            (1, reach),
            xycoords=("axes fraction", "data"),
            xytext=(-2, -2),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=8,
            color=INK,
        )


def _mark(story: Story, axes: Sequence[Axes]) -> None:
    """Draw a line through all panels for each happening, and name it in the first."""
    for number, happening in enumerate(story.happenings):
        year = happening.day / DAYS_PER_YEAR
        for panel in axes:
            panel.axvline(year, color=ALARM, linewidth=0.9, linestyle=":")
        axes[0].annotate(
            happening.what,
            (year, 96 - 9 * (number % 8)),
            xytext=(-4, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=8,
            color=ALARM,
        )


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value

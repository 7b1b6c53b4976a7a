"""What a fob promises of its whole life: counters beyond a byte, and flash that lasts."""

from host_tools.check.findings import Disagreement
from host_tools.check.promises.declared import PromiseArea
from host_tools.check.promises.subject import PromiseSubject

LIFE = PromiseArea("life")

MANY = 270
"""More than a byte counts."""


@LIFE.promise
def many_presses(fob: PromiseSubject) -> None:
    """Hundreds of presses follow each other without a gap, and the flash lasts the model's life."""
    fob.require_counted()
    before = fob.bench.erases()
    for _ in range(MANY):
        fob.expect_code(fob.press())
    fob.wait_until_dark()
    fob.bench.cut_power()
    fob.bench.restore_power()
    fob.expect_code(fob.press(), skipped=1)
    fob.wait_until_dark()
    presses = fob.model.life.presses or 20_000
    worn = [after - old for after, old in zip(fob.bench.erases(), before, strict=True)]
    expected = max(worn, default=0) * presses // MANY
    endurance = fob.model.flash.endurance_cycles
    if expected > min(endurance, presses // 4):
        raise Disagreement(
            f"a page would be erased {expected:,} times in {presses:,} presses:"
            f" its flash is written without wear levelling"
        )

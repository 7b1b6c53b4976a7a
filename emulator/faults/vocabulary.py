"""The faults by name, once: the bench's headers, Python's methods and the steps are held to it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, unique

from emulator.faults import line_effects
from emulator.faults.line_effects import LineEffect

PAUSE_SECONDS_MAX = 3600
NOISE_BYTES_MAX = 1000
FRAMES_MAX = 1_000_000
"""Every fault ends: after so many frames at the latest."""


@unique
class FaultWay(Enum):
    """Which frames a fault meets: the fob's, the host's, or both."""

    FROM = "FROM"
    TO = "TO"
    BOTH = "BOTH"

    def includes(self, way: "FaultWay") -> bool:
        """Return whether frames that go this `way` are meant."""
        return self in (way, FaultWay.BOTH)


@dataclass(frozen=True, slots=True)
class FaultValue:
    """A number that a fault takes: its name, range, default (None: it must be given)."""

    name: str
    low: Decimal
    high: Decimal
    default: Decimal | None = None
    is_time: bool = True


@dataclass(frozen=True, slots=True)
class LineFault:
    """One fault of a line.

    `header` is its SCPI spelling below `FAULt:LINE:`, `method` its name on `fob.line` in Python,
    `words` what it does. `effect` changes a frame; None means that the line itself does it.
    """

    header: str
    method: str
    words: str
    effect: LineEffect | None
    values: tuple[FaultValue, ...] = ()
    way: FaultWay = FaultWay.FROM
    frames: int = 1
    line_error: int = 0
    """The bit of RFC 2217's line state (§3, NOTIFY-LINESTATE) that reports it; 0 for none."""

    @property
    def name(self) -> str:
        """Its full SCPI spelling without `FAULt:`."""
        return f"LINE:{self.header}"


def _time(name: str, low: str = "0", default: str | None = None) -> FaultValue:
    given = None if default is None else Decimal(default)
    return FaultValue(name, Decimal(low), Decimal(PAUSE_SECONDS_MAX), given)


BYTES = FaultValue("the bytes", Decimal(1), Decimal(NOISE_BYTES_MAX), is_time=False)

LINE_FAULTS = (
    LineFault(
        "DELay",
        "delay",
        "the frame comes late, by a fixed time and up to a spread more",
        line_effects.delay,
        (_time("the delay"), _time("the spread", default="0")),
    ),
    LineFault("DROP", "drop", "the frame is lost", line_effects.drop),
    LineFault("DAMage:BIT", "damage_bit", "one bit between the flags flips", line_effects.flip_bit),
    LineFault("DAMage:CRC", "damage_crc", "the check sequence is wrong", line_effects.spoil_check),
    LineFault(
        "DAMage:LENGth", "damage_length", "the frame's length is wrong", line_effects.spoil_length
    ),
    LineFault("DUPLicate", "duplicate", "the frame comes twice", line_effects.duplicate),
    LineFault(
        "SPLit",
        "split",
        "the frame comes in two parts with a pause between them",
        line_effects.split,
        (_time("the pause", "0.001"),),
    ),
    LineFault(
        "DRIBble",
        "dribble",
        "the frame comes byte by byte, with a gap before each",
        line_effects.dribble,
        (_time("the gap", "0.001"),),
    ),
    LineFault(
        "GARBage", "garbage", "random bytes come before the frame", line_effects.add_noise, (BYTES,)
    ),
    LineFault(
        "FOReign",
        "foreign",
        "the frame is addressed to somebody else, with good check sequences",
        line_effects.misaddress,
    ),
    LineFault(
        "PARity",
        "parity",
        "one byte of the frame has a parity error, which its host's UART reports",
        line_effects.flip_bit,
        line_error=0x04,
    ),
    LineFault(
        "FRAMing",
        "framing",
        "one byte of the frame has no stop bit, which its host's UART reports",
        line_effects.lose_stop_bit,
        line_error=0x08,
    ),
    LineFault("ECHO", "echo", "the host hears its own frame, as on RS-485", None, way=FaultWay.TO),
    LineFault(
        "TURNaround",
        "turnaround",
        "what the host sends so soon after an answer is lost: the fob still drives the line",
        None,
        (_time("the time", "0.001"),),
        way=FaultWay.TO,
    ),
    LineFault(
        "SILence",
        "silence",
        "nothing passes",
        line_effects.drop,
        way=FaultWay.BOTH,
        frames=FRAMES_MAX,
    ),
)
"""Faults that meet frames: each takes its own values, then the bounds of BENCH §14.1."""

UNSOLICITED = "LINE:NOISe"
DISCONNECTED = "LINE:DISConnect"
"""Faults of a line that meet no frame: bytes out of nothing, and a pulled plug."""


@dataclass(frozen=True, slots=True)
class BoardFault:
    """A fault of the board, or a mistake with a fob.

    `header` is its SCPI spelling below `FAULt:`, `method` its name on `fob.board` or
    `fob.mistakes` in Python, `words` what happens.
    """

    header: str
    method: str
    words: str


PULLED_CELL = BoardFault("POWer:PULL", "pull_cell", "the cell is out for that time")
SAGGING_CELL = BoardFault("POWer:SAG", "sag", "the cell holds only this charge for that time")
CUT_INSIDE = BoardFault("POWer:CUT", "cut_inside", "the supply fails inside a flash operation")
CUT_AT_CYCLE = BoardFault("POWer:CYCLe", "cut_at_cycle", "the supply fails at a processor cycle")
WRONG_TEMPERATURE = BoardFault("TEMPerature", "surround", "cold or heat around the fob")
STUCK_KEY = BoardFault("BUTTon:STUCk", "stick_key", "the key sticks")
BOUNCING_KEY = BoardFault("BUTTon:BOUNce", "bounce", "the contact closes and opens many times")
DEAD_POSITION = BoardFault("DISPlay:DEAD", "deaden", "no segment of a position lights")
HALTED_CRYSTAL = BoardFault("CRYStal:HALT", "halt_crystal", "the crystal stops for that time")
FLIPPED_BITS = BoardFault("FLASh:FLIP", "flip_bits", "bits in flash change by themselves")
WORN_FLASH = BoardFault("FLASh:WEAR", "wear_flash", "a flash page has come to its end")
BOARD_FAULTS = (
    PULLED_CELL,
    SAGGING_CELL,
    CUT_INSIDE,
    CUT_AT_CYCLE,
    WRONG_TEMPERATURE,
    STUCK_KEY,
    BOUNCING_KEY,
    DEAD_POSITION,
    HALTED_CRYSTAL,
    FLIPPED_BITS,
    WORN_FLASH,
)
"""Faults of the board and what is around it."""

POCKET_PRESSES = BoardFault("MISTake:POCKet", "pocket_presses", "presses whose codes nobody uses")
WRONG_CLOCK = BoardFault("MISTake:CLOCk", "wrong_clock", "the clock was set wrong when it was set")
DRAWER = BoardFault("MISTake:DRAWer", "drawer", "nobody touches the fob for that time")
TWIN = BoardFault("MISTake:TWIN", "twin_of", "the fob holds the seed of another fob")
MISTAKES = (POCKET_PRESSES, WRONG_CLOCK, DRAWER, TWIN)
"""Mistakes that people make with fobs; those made with a seed's record are the host's."""


def fault_names() -> list[str]:
    """Return the names of all faults, as `FAULt:CATalog?` lists them."""
    boards = [fault.header for fault in (*BOARD_FAULTS, *MISTAKES)]
    return [*(fault.name for fault in LINE_FAULTS), UNSOLICITED, DISCONNECTED, *boards]

"""Flash memory: bits only fall, erasing wears, and power can fail in any operation.

One operation is one word programmed or one page erased. What a cut leaves behind follows Tseng,
Grupp and Swanson (DAC 2011): an interrupted program has moved some of its bits and left a few
undecided; an interrupted erase reads as a mixture and stays unreliable until a whole erase.
"""

import struct
from collections.abc import Iterable

from firmware_model.datasheet.curves import interpolate
from firmware_model.datasheet.parts import FlashPart
from firmware_model.hardware.battery import Battery
from firmware_model.hardware.dice import Drbg

_LIFETIMES = (
    (0, 37), (1, 53), (3, 70), (10, 102), (100, 216), (360, 332), (1000, 473), (2000, 607),
    (3000, 709), (4000, 800), (5000, 885), (6000, 971), (7000, 1064), (8000, 1172), (9000, 1320),
    (9900, 1664), (10_000, 2000),
)  # fmt: skip
"""Share of the scale (permille) over how many of ten thousand pages have died by then.

Each draw stands for the middle of its ten-thousandth: even the weakest page has some life.
"""


_WEAR = struct.Struct(">QQ?")
"""Before a page's contents: erases, the erases that it lasts, whether it is unsettled."""


class PowerFailure(Exception):  # noqa: N818 - an event of the world, not an error of ours
    """The supply failed inside a flash operation; the program has stopped."""


class Page:
    """One page: its bytes, its undecided bits, and how often it was erased.

    `weak` has a set bit for each undecided cell; such a bit reads at random until it is
    programmed again or erased. After a cut erase the page is `unsettled`: freshly programmed
    bits are weak too.
    """

    __slots__ = ("cells", "erases", "life", "unsettled", "weak")

    def __init__(
        self, cells: bytearray, *, weak: int, erases: int, unsettled: bool, life: int
    ) -> None:
        self.cells = cells
        self.weak = weak
        self.erases = erases
        self.unsettled = unsettled
        self.life = life

    def image(self) -> bytes:
        """Return the page as one durable blob: contents, weak bits, wear."""
        image = _WEAR.pack(self.erases, self.life, self.unsettled) + self.cells
        return image + self.weak.to_bytes(len(self.cells), "big") if self.weak else image

    @classmethod
    def restored(cls, image: bytes, size: int) -> "Page":
        """Return the page a blob of `image` describes."""
        erases, life, unsettled = _WEAR.unpack_from(image)
        cells, weak = image[_WEAR.size :][:size], image[_WEAR.size + size :]
        return cls(
            bytearray(cells),
            weak=int.from_bytes(weak, "big"),
            erases=erases,
            unsettled=unsettled,
            life=life,
        )


class Flash:
    """The chip: `part.pages` pages, addressed by page number and byte offset.

    `dirty` holds the numbers of pages that changed since the shell last kept them; `operations`
    counts all word programs and page erases ever, for wear and energy.
    """

    __slots__ = (
        "_battery",
        "_cut_at",
        "_cut_permille",
        "_erase_ac",
        "_word_ac",
        "dice",
        "dirty",
        "operations",
        "pages",
        "part",
    )

    def __init__(self, part: FlashPart, pages: list[Page], dice: Drbg) -> None:
        self.part = part
        self.pages = pages
        self.dice = dice
        self.dirty: list[int] = []
        self.operations = 0
        self._cut_at = 0
        self._cut_permille = 0
        self._battery: Battery | None = None
        self._word_ac = self._erase_ac = 0

    @classmethod
    def fresh(cls, part: FlashPart, dice: Drbg) -> "Flash":
        """Return a chip as it leaves the factory: all ones, each page with its own lifetime."""
        pages = [
            Page(
                bytearray(b"\xff" * part.page_bytes),
                weak=0,
                erases=0,
                unsettled=False,
                life=_lifetime(part, dice),
            )
            for _ in range(part.pages)
        ]
        flash = cls(part, pages, dice)
        flash.dirty = list(range(part.pages))
        return flash

    def connect(self, battery: Battery, write_na: int) -> None:
        """Draw `write_na` from that cell for as long as each operation takes."""
        self._battery = battery
        self._word_ac = write_na * self.part.program_us * 1000
        self._erase_ac = write_na * self.part.erase_us * 1000

    def arm_cut(self, operation: int, permille: int) -> None:
        """Let the power fail `permille` into the `operation`-th operation from now (1 = next).

        0 disarms.
        """
        self._cut_at = self.operations + operation
        self._cut_permille = permille

    def disarm_cut(self) -> None:
        """Disarm a cut."""
        self._cut_at = 0

    def flip(self, page: int, offset: int, mask: int) -> None:
        """Change the cells of a byte by themselves, as radiation or a lost charge does."""
        self.pages[page].cells[offset] ^= mask
        self._touch(page)

    def wear_out(self, page: int) -> None:
        """Bring a page to its end: from the next erase on its bytes stay down, one by one."""
        self.pages[page].life = self.pages[page].erases
        self._touch(page)

    def read(self, page: int, offset: int, length: int) -> bytes:
        """Return `length` bytes; weak bits read at random."""
        target = self.pages[page]
        data = bytes(target.cells[offset : offset + length])
        if not target.weak:
            return data
        shift = 8 * (len(target.cells) - offset - length)
        doubtful = (target.weak >> shift) & ((1 << 8 * length) - 1)
        if not doubtful:
            return data
        noise = 0
        for _ in range(0, length, 8):
            noise = noise << 64 | self.dice.word()
        value = int.from_bytes(data, "big")
        return ((value & ~doubtful) | (noise & doubtful)).to_bytes(length, "big")

    def program(self, page: int, offset: int, data: bytes) -> None:
        """Program `data` word by word from `offset`, both multiples of the word.

        A bit can only fall from 1 to 0: the result is the AND of old and new. Raises
        `PowerFailure` where a cut was armed.
        """
        part, target = self.part, self.pages[page]
        word, length = part.word_bytes, len(data)
        count = length // word
        assert count * word == length, "flash is programmed in whole words"
        assert offset % word == 0 <= offset <= part.page_bytes - length, "inside the page"
        if self._battery is not None:
            self._battery.drawn_ac += count * self._word_ac
        if page not in self.dirty:
            self.dirty.append(page)
        cells, end = target.cells, offset + length
        if (
            cells.count(0xFF, offset, end) == length
            and not self._cut_at
            and not (target.weak or target.unsettled)
        ):  # what is erased and in order takes everything as it is told
            cells[offset:end] = data
            self.operations += count
            return
        if self._cut_at and 0 < (cut := self._cut_at - self.operations) <= count:
            self._settle(target, offset, data[: (cut - 1) * word])
            self.operations += cut
            at = offset + (cut - 1) * word
            self._cut_program(page, at, data[(cut - 1) * word : cut * word])
        self._settle(target, offset, data)
        self.operations += count

    def erase(self, page: int) -> None:
        """Set every bit of `page` and wear it once; raises `PowerFailure` where a cut was armed."""
        target = self.pages[page]
        if self._battery is not None:
            self._battery.drawn_ac += self._erase_ac
        self._touch(page)
        self.operations += 1
        target.erases += 1
        if self._cut_at and self.operations == self._cut_at:
            self._cut_erase(target)
        target.cells[:] = b"\xff" * len(target.cells)
        target.weak = 0
        target.unsettled = False
        # A worn page no longer holds what is written: with each erase one more cell stays down.
        for _ in range(min(target.erases - target.life, len(target.cells))):
            target.cells[self.dice.below(len(target.cells))] = 0

    def _touch(self, page: int) -> None:
        if page not in self.dirty:
            self.dirty.append(page)

    def _settle(self, target: Page, offset: int, data: bytes) -> None:
        """Let a completed program take its effect."""
        end = offset + len(data)
        cells = target.cells
        old = int.from_bytes(cells[offset:end], "big")
        new = int.from_bytes(data, "big")
        cells[offset:end] = (old & new).to_bytes(len(data), "big")
        if target.weak or target.unsettled:
            shift = 8 * (len(cells) - end)
            every = (1 << 8 * len(data)) - 1
            target.weak &= ~((~new & every) << shift)  # a bit driven to 0 is firmly 0 again
            if target.unsettled:
                for bit in _bits(old & ~new & every):
                    if self.dice.hits(self.part.weak_permille):
                        target.weak |= 1 << (bit + shift)

    def _cut_program(self, page: int, offset: int, word: bytes) -> None:
        target = self.pages[page]
        self._cut_at = 0
        old = int.from_bytes(target.cells[offset : offset + len(word)], "big")
        new = int.from_bytes(word, "big")
        shift = 8 * (len(target.cells) - offset - len(word))
        flipped = 0
        chance = _sigmoid_permille(self._cut_permille)
        for bit in _bits(old & ~new):
            if self.dice.hits(chance):
                flipped |= 1 << bit
            if self.dice.hits(self.part.weak_permille):
                target.weak |= 1 << (bit + shift)
        target.cells[offset : offset + len(word)] = (old & ~flipped).to_bytes(len(word), "big")
        if self.dice.hits(self.part.paired_page_permille):
            pair = page ^ 1
            victim = self.pages[pair]
            victim.cells[self.dice.below(len(victim.cells))] &= self.dice.below(256)
            self._touch(pair)
        raise PowerFailure

    def _cut_erase(self, target: Page) -> None:
        self._cut_at = 0
        chance = _sigmoid_permille(self._cut_permille)
        for index, value in enumerate(target.cells):
            for bit in _bits(~value & 0xFF):
                if self.dice.hits(chance):
                    target.cells[index] |= 1 << bit
                if self.dice.hits(self.part.weak_permille):
                    target.weak |= 1 << (8 * (len(target.cells) - 1 - index) + bit)
        target.unsettled = True
        raise PowerFailure


def _bits(value: int) -> Iterable[int]:
    """Yield the numbers of the set bits of `value`, lowest first."""
    while value:
        low = value & -value
        yield low.bit_length() - 1
        value ^= low


def _sigmoid_permille(permille: int) -> int:
    """Return the share of bits that have moved after this share of the operation's time.

    A logistic curve through the middle in straight pieces: cells hardly move at first, then nearly
    all of them do.
    """
    if permille < 250:
        return permille * 50 // 250
    if permille < 750:
        return 50 + (permille - 250) * 900 // 500
    return 950 + (permille - 750) * 50 // 250


def _lifetime(part: FlashPart, dice: Drbg) -> int:
    """Draw a page's true endurance: Weibull, shape 3, scale three times the rated cycles.

    The inverse distribution is (-ln(1 - u))^(1/3), here as straight lines between its points.
    """
    permille = interpolate(_LIFETIMES, dice.below(10_000))
    return 3 * part.endurance_cycles * permille // 1000

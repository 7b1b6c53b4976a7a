"""The process that a rack's libraries run in (FIRMWARE §7): started as a script, with a socket.

Two processes: the first loads libraries and waits, the second, forked from it, serves calls. All
contexts lie in memory that both share, and every address is the same in each fork: where a core
crashes, the first process says so and forks again, and the other fobs go on where they were.

It needs nothing but Python's standard library, and imports nothing of keyfob.
"""

import ctypes
import mmap
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, NoReturn

LOAD, BOOT, CONTACT, ALARM, BYTES = range(1, 6)
"""What is asked: load a library, or call one of a core's functions."""
DONE, ASK_VOLTAGE, ASK_PAGE, FAILED, CRASHED = range(1, 6)
"""What is answered: done, a question back, or why it could not be done."""
SHOW, PROGRAM, ERASE, SET_ALARM, TRANSMIT = range(1, 6)
"""What a core did, in order."""

SIZE = struct.Struct("<I")
REQUEST = struct.Struct("<BHIIQIBi")
"""Kind, library, slot, page bytes, RTC count, contacts, whether the RTC was kept, argument."""
PAGES = struct.Struct("<I")
ACT = struct.Struct("<BQI")
"""Kind, a number, how many bytes follow."""
VOLTAGE = struct.Struct("<Bi")

SLOTS_MAX = 10_000
CONTEXT_MAX = 64 << 10
CALL_SECONDS = 0.5
"""Processor time after which a call is given up; it does not depend on what else is running."""
CALL_WALL_SECONDS = 60.0
"""For a call that waits for something instead of computing."""
LOAD_NEXT = 77
ALIGNED = 64
SYMBOLS = ("kf_context_size", "kf_boot", "kf_on_contact", "kf_on_alarm", "kf_on_bytes")

_POINTER, _INT, _SIZE = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
_U32, _U64 = ctypes.c_uint32, ctypes.c_uint64
_CALLS: tuple[tuple[str, Any, tuple[Any, ...]], ...] = (
    ("rtc_count", _U64, ()),
    ("rtc_kept", _INT, ()),
    ("set_alarm", None, (_U64,)),
    ("contact_closed", _INT, (_INT,)),
    ("show", None, (_POINTER, _SIZE)),
    ("flash_read", None, (_U32, _POINTER, _SIZE)),
    ("flash_program", None, (_U32, _U32)),
    ("flash_erase", None, (_U32,)),
    ("flash_page_bytes", _U32, ()),
    ("flash_pages", _U32, ()),
    ("measure_mv", _U32, ()),
    ("transmit", None, (_POINTER, _SIZE)),
)
"""The functions of `struct kf_hal`, in the order of keyfob_hal.h."""
_TYPES = {name: ctypes.CFUNCTYPE(result, _POINTER, *given) for name, result, given in _CALLS}


class Hal(ctypes.Structure):
    """`struct kf_hal` of keyfob_hal.h."""

    _fields_ = [("board", _POINTER), *_TYPES.items()]


class MessageStream:
    """Messages over a stream socket: each its size, and then its bytes."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream

    def send(self, message: bytes | bytearray) -> None:
        """Send one message."""
        self._stream.sendall(SIZE.pack(len(message)) + message)

    def receive(self) -> bytes:
        """Return the next message, b"" where the other end has gone."""
        head = self._exactly(SIZE.size)
        return self._exactly(SIZE.unpack(head)[0]) if head else b""

    def peek(self) -> int:
        """Return the first byte of the next message without taking it, 0 where there is none."""
        head = self._stream.recv(SIZE.size + 1, socket.MSG_PEEK | socket.MSG_WAITALL)
        return head[SIZE.size] if len(head) > SIZE.size else 0

    def _exactly(self, count: int) -> bytes:
        found = self._stream.recv(count)
        while 0 < len(found) < count:
            more = self._stream.recv(count - len(found))
            found = found + more if more else b""
        return found


class Library:
    """One loaded core, and the shared memory of its contexts: for each slot a HAL, then a context.

    Raises:
        ValueError: a symbol is missing, or its context is too large; in words.
        OSError: it cannot be loaded.
    """

    def __init__(self, path: str, hal: "BoardCalls") -> None:
        self.core: Any = ctypes.CDLL(path, mode=os.RTLD_NOW | os.RTLD_LOCAL)
        missing = [name for name in SYMBOLS if not hasattr(self.core, name)]
        if missing:
            raise ValueError(f"it has no {', '.join(missing)}")
        self.core.kf_context_size.restype = _SIZE
        for name, given in (
            ("kf_boot", (_POINTER, _POINTER)),
            ("kf_on_contact", (_POINTER, _INT)),
            ("kf_on_alarm", (_POINTER,)),
            ("kf_on_bytes", (_POINTER, ctypes.c_char_p, _SIZE)),
        ):
            function = getattr(self.core, name)
            function.restype, function.argtypes = None, given
        size = self.core.kf_context_size()
        if not 0 < size <= CONTEXT_MAX:
            raise ValueError(f"its context has {size} bytes: expected 1 to {CONTEXT_MAX:,}")
        self._context_at = -(-ctypes.sizeof(Hal) // ALIGNED) * ALIGNED
        self._context_bytes = size
        self._stride = self._context_at + -(-size // ALIGNED) * ALIGNED
        self._memory = mmap.mmap(-1, SLOTS_MAX * self._stride)
        self._start = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._hal = hal

    def call(self, kind: int, slot: int, argument: int, payload: bytes) -> None:
        """Call the core for the fob in `slot`."""
        hal = self._start + slot * self._stride
        context = hal + self._context_at
        if kind == ALARM:
            self.core.kf_on_alarm(context)
        elif kind == CONTACT:
            self.core.kf_on_contact(context, argument)
        elif kind == BYTES:
            self.core.kf_on_bytes(context, payload, len(payload))
        else:
            ctypes.memset(context, 0, self._context_bytes)
            table = Hal(slot, *self._hal.functions)
            ctypes.memmove(hal, ctypes.addressof(table), ctypes.sizeof(Hal))
            self.core.kf_boot(context, hal)


class BoardCalls:
    """The functions that a core calls: they note what it does, and ask where they must.

    Flash is kept by page from the first read on; what was written is asked for again, since only
    the board knows what came of it. Once the supply has failed within a call nothing is sent any
    more, and the core's writes stay here until it returns.
    """

    def __init__(self, messages: MessageStream) -> None:
        self._messages = messages
        self.acts = bytearray()
        self.kept: dict[tuple[int, int], dict[int, bytearray]] = {}
        self._pages: dict[int, bytearray] = {}
        self.lost = False
        self.count = self.contacts = self.rtc_kept = self.page_bytes = self.page_count = 0
        self.functions = [_TYPES[name](getattr(self, f"_{name}")) for name, _, _ in _CALLS]

    def begin(self, fob: tuple[int, int], request: tuple[int, ...], page_count: int) -> None:
        """Prepare for one call."""
        _, _, _, self.page_bytes, self.count, self.contacts, self.rtc_kept, _ = request
        self.page_count = page_count
        self._pages = self.kept.setdefault(fob, {})
        self.lost = False
        self.acts.clear()

    def _note(self, kind: int, number: int, data: bytes = b"") -> None:
        self.acts += ACT.pack(kind, number, len(data)) + data

    def _ask(self, kind: int, argument: int) -> bytes:
        """Send what was done so far with a question; return the answer."""
        if self.lost:
            return b""
        self._messages.send(VOLTAGE.pack(kind, argument) + self.acts)
        self.acts.clear()
        answer = self._messages.receive()
        if not answer:
            os._exit(0)
        self.lost = answer[0] != DONE
        return answer[1:]

    def _rtc_count(self, _board: int) -> int:
        return self.count

    def _rtc_kept(self, _board: int) -> int:
        return self.rtc_kept

    def _set_alarm(self, _board: int, count: int) -> None:
        self._note(SET_ALARM, count)

    def _contact_closed(self, _board: int, number: int) -> int:
        return self.contacts >> number & 1 if 0 <= number < 32 else 0

    def _show(self, _board: int, memory: int | None, size: int) -> None:
        self._note(SHOW, 0, ctypes.string_at(memory, min(size, 64)) if memory and size else b"")

    def _flash_read(self, _board: int, address: int, to: int, size: int) -> None:
        page, offset = divmod(address, self.page_bytes)
        done = 0
        while done < size:
            here = self._page(page)[offset : offset + size - done]
            ctypes.memmove(to + done, bytes(here), len(here))
            done, page, offset = done + len(here), page + 1, 0

    def _page(self, number: int) -> bytearray:
        found = self._pages.get(number)
        if found is None:
            answer = self._ask(ASK_PAGE, number) if number < self.page_count else b""
            found = self._pages[number] = bytearray(answer or b"\xff" * self.page_bytes)
        return found

    def _flash_program(self, _board: int, address: int, word: int) -> None:
        self._note(PROGRAM, address, word.to_bytes(4, "little"))
        page, offset = divmod(address, self.page_bytes)
        if not self.lost:
            self._pages.pop(page, None)
        elif page in self._pages and offset % 4 == 0:
            old = int.from_bytes(self._pages[page][offset : offset + 4], "little")
            self._pages[page][offset : offset + 4] = (old & word).to_bytes(4, "little")

    def _flash_erase(self, _board: int, address: int) -> None:
        self._note(ERASE, address)
        page = address // self.page_bytes
        if self.lost:
            self._pages[page] = bytearray(b"\xff" * self.page_bytes)
        else:
            self._pages.pop(page, None)

    def _flash_page_bytes(self, _board: int) -> int:
        return self.page_bytes

    def _flash_pages(self, _board: int) -> int:
        return self.page_count

    def _measure_mv(self, _board: int) -> int:
        answer = self._ask(ASK_VOLTAGE, 0)
        return int.from_bytes(answer, "little") if answer else 0

    def _transmit(self, _board: int, data: int | None, size: int) -> None:
        if data and size:
            self._note(TRANSMIT, 0, ctypes.string_at(data, size))


def serve(messages: MessageStream, libraries: list[Library], hal: BoardCalls) -> NoReturn:
    """Answer calls until a library is to be loaded, or the other end has gone."""
    while True:
        kind = messages.peek()
        if kind == LOAD:
            os._exit(LOAD_NEXT)
        message = messages.receive()
        if not message:
            os._exit(0)
        request = REQUEST.unpack_from(message)
        _, library, slot, _, _, _, _, argument = request
        behind = REQUEST.size + PAGES.size
        if kind == BOOT:
            hal.kept.pop((library, slot), None)
        hal.begin((library, slot), request, PAGES.unpack_from(message, REQUEST.size)[0])
        signal.setitimer(signal.ITIMER_VIRTUAL, CALL_SECONDS)
        signal.setitimer(signal.ITIMER_REAL, CALL_WALL_SECONDS)
        libraries[library].call(kind, slot, argument, message[behind:])
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if hal.lost:
            hal.kept.pop((library, slot), None)
            hal.acts.clear()
        messages.send(VOLTAGE.pack(DONE, 0) + hal.acts)


def forked(act: Callable[[], object]) -> str:
    """Do `act` in a fork; return how that ended: "" well, "load", or what was wrong."""
    child = os.fork()
    if not child:
        try:
            act()
        except (OSError, ValueError):  # said by whoever tries it once more
            os._exit(0)
        except Exception:  # noqa: BLE001 - a fault of this file's, shown before the fork ends
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == LOAD_NEXT:
        return "load"
    if code == -signal.SIGVTALRM:
        return f"did not return within {CALL_SECONDS:g} s of processor time"
    if code == -signal.SIGALRM:
        return f"did not return within {CALL_WALL_SECONDS:g} s"
    if code < 0:
        return f"crashed ({signal.Signals(-code).name})"
    return f"ended the process (exit status {code})" if code else ""


def load(path: str, hal: BoardCalls, libraries: list[Library]) -> str:
    """Load one library, first in a fork that may crash; return "" or what is wrong with it."""

    def limited() -> None:
        signal.setitimer(signal.ITIMER_REAL, CALL_WALL_SECONDS)
        signal.setitimer(signal.ITIMER_VIRTUAL, CALL_SECONDS)
        Library(path, hal)

    why = forked(limited)
    if why:
        return f"{why} while it was loaded"
    try:
        libraries.append(Library(path, hal))
    except (OSError, ValueError) as error:
        return str(error)
    return ""


def main(descriptor: int) -> None:
    """Load and serve over the socket `descriptor` until its other end is closed."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    messages = MessageStream(socket.socket(fileno=descriptor))
    hal = BoardCalls(messages)
    libraries: list[Library] = []
    while True:
        why = forked(lambda: serve(messages, libraries, hal))
        if not why:
            return
        if why != "load":
            messages.send(VOLTAGE.pack(CRASHED, 0) + why.encode())
            continue
        path = messages.receive()[1:].decode("utf-8", "surrogateescape")
        why = load(path, hal, libraries)
        answer = (FAILED, 0) if why else (DONE, len(libraries) - 1)
        messages.send(VOLTAGE.pack(*answer) + why.encode("utf-8", "replace"))


if __name__ == "__main__":
    main(int(sys.argv[1]))

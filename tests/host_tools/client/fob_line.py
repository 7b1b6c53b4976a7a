"""The far end of a line for tests: HDLC's secondary behind a real terminal, and what it answers."""

import os
import select
import threading
import time
import tty
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from firmware_model.units import SimTime
from firmware_model.wire.events import Indication, Send
from firmware_model.wire.secondary import Secondary

Mangle = Callable[[bytes], Iterable[bytes]]


def whole(data: bytes) -> Iterable[bytes]:
    return (data,)


def byte_by_byte(data: bytes) -> Iterable[bytes]:
    return (data[at : at + 1] for at in range(len(data)))


def noisy(data: bytes) -> Iterable[bytes]:
    return (b"\x00\x7e\x7e\xa0", b"\x7e\x7e", data, b"\xff\x7e")


class LosesEveryOther:
    """Lets every second frame get lost, the first one included."""

    def __init__(self) -> None:
        self.frames = 0

    def __call__(self, data: bytes) -> Iterable[bytes]:
        self.frames += 1
        return (data,) if self.frames % 2 == 0 else ()


@contextmanager
def line(
    application: Callable[[bytes], bytes | None],
    *fobs: Secondary,
    mangle: Mangle = whole,
) -> Iterator[str]:
    """Yield the path of a terminal on which `fobs` hang; `application` answers their commands.

    A command that it answers with None is never answered.
    """
    master, slave = os.openpty()
    tty.setraw(slave)
    stop_reading, stop_writing = os.pipe()

    def serve() -> None:
        while True:
            ready, _, _ = select.select([master, stop_reading], [], [])
            if stop_reading in ready:
                return
            data = os.read(master, 4096)
            for fob in fobs:
                now = SimTime(time.monotonic_ns())
                events = fob.receive(data, now)
                for event in events:
                    if isinstance(event, Indication):
                        answer = application(event.information)
                        if answer is not None:
                            events += fob.respond(answer, now)
                    elif isinstance(event, Send):
                        for part in mangle(event.data):
                            os.write(master, part)

    server = threading.Thread(target=serve)
    server.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.write(stop_writing, b"x")
        server.join()
        for descriptor in (master, slave, stop_reading, stop_writing):
            os.close(descriptor)

"""A TCP line that loses bytes, by dice that repeat, or holds every byte back for a while."""

import queue
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def bad_line(port: str, *, lost: float = 0.0, delay_seconds: float = 0.0) -> Iterator[str]:
    """Yield a port to the line at `port` (`tcp:HOST:PORT`).

    Args:
        port: the good line.
        lost: the part of bytes that is lost in either direction, 0 to 1.
        delay_seconds: how much later each byte arrives.
    """
    host, number = port.removeprefix("tcp:").split(":")
    server = socket.create_server(("127.0.0.1", 0))
    ends: list[socket.socket] = []
    carriers: list[threading.Thread] = []

    def carry(source: socket.socket, sink: socket.socket, dice: random.Random) -> None:
        waiting: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

        def deliver() -> None:
            pause = threading.Event()
            with suppress(OSError):
                while True:
                    due, data = waiting.get()
                    pause.wait(max(0.0, due - time.monotonic()))
                    if not data:
                        return
                    sink.sendall(data)

        late = threading.Thread(target=deliver, daemon=True)
        late.start()
        with suppress(OSError):
            while data := source.recv(4096):
                kept = bytes(byte for byte in data if dice.random() >= lost)
                if kept:
                    waiting.put((time.monotonic() + delay_seconds, kept))
        waiting.put((0.0, b""))
        late.join(10)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        with suppress(OSError):
            for connection in range(1000):
                near = server.accept()[0]
                far = socket.create_connection((host, int(number)))
                ends.extend((near, far))
                for source, sink, offset in ((near, far, 0), (far, near, 1)):
                    dice = random.Random(2 * connection + offset)
                    carrier = threading.Thread(target=carry, args=(source, sink, dice), daemon=True)
                    carrier.start()
                    carriers.append(carrier)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"tcp:127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.close()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for carrier in carriers:
            carrier.join(10)
        for end in ends:
            end.close()

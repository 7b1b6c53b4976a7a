"""One host for many callers: whoever waits shares the next commit (HOST §12)."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from firmware_model.errors import KeyfobError
from host_tools.client.closing import Closing
from host_tools.verification.attempts import Attempt, HostAnswer, Said
from host_tools.verification.host import Host

GROUP_MAX = 128
"""Attempts decided together: nobody waits for more than these."""

_Result = TypeVar("_Result")


class SharedHost(Closing):
    """A host in a thread of its own, for any number of threads or one event loop.

    Attempts that come while a commit is on its way to the disk are decided together, and made
    durable by one commit; each is answered after that. Whatever else is asked of the host runs
    between two groups.

    Args:
        open_host: opens the host, in that thread.

    Raises:
        KeyfobError: as `open_host`.
    """

    def __init__(self, open_host: Callable[[], Host]) -> None:
        self._waiting: deque[tuple[Attempt | Callable[[Host], Any], Future[Any]]] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        opened: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._serve, args=(open_host, opened), name="keyfob host", daemon=True
        )
        self._thread.start()
        opened.result()

    def submit(self, attempt: Attempt) -> "Future[Said]":
        """Return what will be said to an attempt; it is durable when the future is done."""
        return self._put(attempt)

    def verify(
        self, codes: Sequence[str], now_seconds: int, *, token: str = "", user: str = ""
    ) -> HostAnswer:
        """Decide on one code, or on consecutive ones; see `Host.verify`."""
        said = self.submit(Attempt(codes, now_seconds, token, user)).result()
        if isinstance(said, KeyfobError):
            raise said
        assert isinstance(said, HostAnswer)
        return said

    def run(self, act: Callable[[Host], _Result]) -> "Future[_Result]":
        """Return what `act` will return, which is called with the host in its thread."""
        return self._put(act)

    def close(self) -> None:
        """Answer everybody who waits, then close the host."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    def _put(self, asked: Attempt | Callable[[Host], Any]) -> "Future[Any]":
        future: Future[Any] = Future()
        with self._changed:
            assert not self._is_closing, "the host is closed"
            self._waiting.append((asked, future))
            if len(self._waiting) == 1:
                self._changed.notify()
        return future

    def _serve(self, open_host: Callable[[], Host], opened: "Future[None]") -> None:
        try:
            host = open_host()
        except BaseException as error:  # noqa: BLE001 - raised where the host is opened
            opened.set_exception(error)
            return
        opened.set_result(None)
        with host:
            while group := self._next_group():
                self._answer(host, group)

    def _next_group(self) -> list[tuple[Attempt | Callable[[Host], Any], "Future[Any]"]]:
        """Return whoever waits: attempts up to the next other act, or that act alone."""
        with self._changed:
            while not self._waiting and not self._is_closing:
                self._changed.wait()
            group: list[tuple[Attempt | Callable[[Host], Any], Future[Any]]] = []
            while self._waiting and len(group) < GROUP_MAX:
                if group and not isinstance(self._waiting[0][0], Attempt):
                    break
                group.append(self._waiting.popleft())
                if not isinstance(group[-1][0], Attempt):
                    break
            return group

    @staticmethod
    def _answer(
        host: Host, group: Sequence[tuple[Attempt | Callable[[Host], Any], "Future[Any]"]]
    ) -> None:
        asked = [each for each, _ in group]
        try:
            if isinstance(asked[0], Attempt):
                said = host.verify_all([each for each in asked if isinstance(each, Attempt)])
            else:
                said = [asked[0](host)]
        except BaseException as error:  # noqa: BLE001 - raised where the answer is waited for
            for _, future in group:
                future.set_exception(error)
            return
        for (_, future), answer in zip(group, said, strict=True):
            if future.set_running_or_notify_cancel():
                future.set_result(answer)

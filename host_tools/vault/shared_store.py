"""A store for many callers: who comes first serves a group, and whoever waits goes with the next.

SQLite commits for one at a time, and a commit costs the same for one act as for fifty.
"""

import threading
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from host_tools.client.closing import Closing

_Store = TypeVar("_Store", bound=Closing)
_Asked = TypeVar("_Asked")


@dataclass(slots=True, eq=False)
class Caller(Generic[_Asked]):
    """Somebody who asked a shared store for something, and gets one answer."""

    asked: _Asked
    _future: "Future[Any] | None" = None
    can_lead: bool = False
    _woken: "threading.Lock | None" = None
    _result: Any = None
    _error: BaseException | None = None

    def set_result(self, result: object) -> None:
        """Answer; what was asked for is durable."""
        self._result = result
        if self._future is not None:
            if self._future.set_running_or_notify_cancel():
                self._future.set_result(result)
        else:
            self.wake()

    def set_exception(self, error: BaseException) -> None:
        """Answer that it was not done, or that nobody knows."""
        self._error = error
        if self._future is not None:
            if self._future.set_running_or_notify_cancel():
                self._future.set_exception(error)
        else:
            self.wake()

    def will_wait(self, *, can_lead: bool) -> None:
        """Prepare for `wait`, before anybody else knows of this caller."""
        self.can_lead = can_lead
        self._woken = threading.Lock()
        self._woken.acquire()

    def wait(self) -> None:
        """Return when `wake` was called."""
        assert self._woken is not None
        self._woken.acquire()

    def wake(self) -> None:
        """Let `wait` return; does nothing for one that does not wait, or is awake already."""
        if self._woken is not None:
            with suppress(RuntimeError):
                self._woken.release()

    def answer(self) -> Any:
        """Return the answer, or raise the error."""
        if self._error is not None:
            raise self._error
        return self._result


class SharedStore(Closing, Generic[_Store, _Asked]):
    """Serves callers of any thread, in groups, by one store.

    The first caller who finds nobody at work leads: it serves the group in its own thread. Those
    who come meanwhile wait; the first of them leads the next group, which all of them are in. One
    caller alone waits for no other thread. For those who cannot wait in their thread (`put`) and
    for the main thread, which a signal may interrupt, a thread of the store's own leads.

    Args:
        open_store: opens the store; which must bear to be used by several threads in turn.

    Raises:
        KeyfobError: as `open_store`.
    """

    def __init__(self, open_store: Callable[[], _Store]) -> None:
        self._waiting: deque[Caller[_Asked]] = deque()
        self._lock = threading.Lock()
        self._at_rest = threading.Condition(self._lock)
        self._leader: Caller[Any] | None = None
        self._is_closing = False
        self._own: Caller[Any] = Caller(None)
        """Leads in a thread of the store's own."""
        self._own.will_wait(can_lead=True)
        self._thread: threading.Thread | None = None
        self._main = threading.main_thread().ident
        self._store = open_store()

    def close(self) -> None:
        """Answer everybody who waits, then close the store."""
        with self._lock:
            self._is_closing = True
            while self._leader is not None:
                self._at_rest.wait()
        if self._thread is not None:
            self._own.wake()
            self._thread.join()
            self._thread = None
        self._store.close()

    @abstractmethod
    def serve(self, store: _Store, group: Sequence[Caller[_Asked]]) -> None:
        """Do what a group asks for, and answer each when it is durable; raises nothing."""

    @abstractmethod
    def closed(self) -> Exception:
        """Return what is raised for who asks after the end."""

    def take(self, waiting: deque[Caller[_Asked]]) -> list[Caller[_Asked]]:
        """Take the next group out of those that wait, at least one; all, unless a class differs."""
        group = list(waiting)
        waiting.clear()
        return group

    def ask(self, asked: _Asked) -> Any:
        """Return what is answered to `asked`, when it is durable; raises what it was refused by."""
        caller = Caller(asked)
        try:
            self._join(caller)
            if self._leader is caller:
                self.serve(self._store, [caller])
            else:
                caller.wait()
                if self._leader is caller:
                    self._serve_waiting()
        finally:
            if self._leader is caller:
                try:
                    self._pass_on(caller)
                except BaseException:  # a signal, in the main thread: others wait
                    self._pass_on(caller)
                    raise
        return caller.answer()

    def put(self, asked: _Asked) -> "Future[Any]":
        """Let `asked` go with the next group; return what will be answered."""
        future: Future[Any] = Future()
        with self._lock:
            if self._is_closing:
                raise self.closed()
            self._waiting.append(Caller(asked, future))
            if self._leader is None:
                self._let_own_lead()
        return future

    def _join(self, caller: Caller[_Asked]) -> None:
        """Let a caller lead where nobody is at work, or wait."""
        is_main = threading.get_ident() == self._main
        with self._lock:
            if self._is_closing:
                raise self.closed()
            if self._leader is not None:
                caller.will_wait(can_lead=not is_main)
                self._waiting.append(caller)
            else:
                self._leader = caller

    def _serve_waiting(self) -> None:
        with self._lock:
            group = self.take(self._waiting)
        self.serve(self._store, group)

    def _pass_on(self, caller: Caller[Any]) -> None:
        """Let the first of those lead who came meanwhile; does nothing a second time."""
        with self._lock:
            if self._leader is not caller:
                return
            if not self._waiting:
                if self._is_closing:
                    self._at_rest.notify_all()
                self._leader = None
            elif (first := self._waiting[0]).can_lead:
                self._let_lead(first)
            else:
                self._let_own_lead()

    def _let_lead(self, leader: Caller[Any]) -> None:
        """Wake whoever leads from now on, even where a signal interrupts this."""
        self._leader = leader
        try:
            leader.wake()
        except BaseException:
            leader.wake()
            raise

    def _let_own_lead(self) -> None:
        if self._thread is None:
            thread = threading.Thread(target=self._lead_in_turn, daemon=True)
            thread.start()
            self._thread = thread
        self._let_lead(self._own)

    def _lead_in_turn(self) -> None:
        while True:
            self._own.wait()
            if self._leader is self._own:
                self._serve_waiting()
                self._pass_on(self._own)
            elif self._is_closing and self._leader is None:
                return

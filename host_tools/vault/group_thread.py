"""A store in a thread of its own, which serves callers in groups: whoever waits goes together."""

import threading
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from host_tools.client.closing import Closing

_Store = TypeVar("_Store", bound=Closing)
_Asked = TypeVar("_Asked")


class GroupThread(Closing, Generic[_Store, _Asked]):
    """Opens a store in a thread, and hands it what callers ask for in groups.

    What is asked for while a group is on its way to the disk waits, and makes the next group.

    Args:
        open_store: opens the store, in that thread.

    Raises:
        KeyfobError: as `open_store`.
    """

    def __init__(self, open_store: Callable[[], _Store]) -> None:
        self._waiting: deque[tuple[_Asked, Future[Any]]] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._serve, args=(open_store, opened), daemon=True)
        self._thread.start()
        opened.result()

    def close(self) -> None:
        """Answer everybody who waits, then close the store."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    @abstractmethod
    def answer(self, store: _Store, group: Sequence[tuple[_Asked, "Future[Any]"]]) -> None:
        """Do what a group asks for, and answer each when it is durable."""

    @abstractmethod
    def closed(self) -> Exception:
        """Return what is raised for who asks after the end."""

    def take(self, waiting: "deque[tuple[_Asked, Future[Any]]]") -> list[tuple[_Asked, Any]]:
        """Take the next group out of those that wait, at least one; all, unless a class differs."""
        group = list(waiting)
        waiting.clear()
        return group

    def put(self, asked: _Asked) -> "Future[Any]":
        """Let `asked` go with the next group; return what will be answered."""
        future: Future[Any] = Future()
        with self._changed:
            if self._is_closing:
                raise self.closed()
            self._waiting.append((asked, future))
            self._changed.notify()
        return future

    def _serve(self, open_store: Callable[[], _Store], opened: "Future[None]") -> None:
        try:
            store = open_store()
        except BaseException as error:  # noqa: BLE001 - raised where the store is opened
            opened.set_exception(error)
            return
        opened.set_result(None)
        with store:
            while group := self._next_group():
                self.answer(store, group)

    def _next_group(self) -> list[tuple[_Asked, "Future[Any]"]]:
        """Return a group, once somebody waits; nobody when it is closed and all are served."""
        with self._changed:
            while not self._waiting and not self._is_closing:
                self._changed.wait()
            return self.take(self._waiting) if self._waiting else []

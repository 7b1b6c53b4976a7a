"""What is closed when its `with` block ends: ports, links, sessions, stores."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """A resource for `with`: closed at the end of the block, abandoned where the block failed."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it."""

    def abandon(self) -> None:
        """Let go of it after a failure, which may be its own; `close`, unless a class differs."""
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()

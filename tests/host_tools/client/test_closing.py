"""Things to close: closed when all went well, abandoned when something failed."""

import pytest

from host_tools.client.closing import Closing


class Door(Closing):
    """Notes how it was left."""

    def __init__(self) -> None:
        self.left: list[str] = []

    def close(self) -> None:
        """Note it."""
        self.left.append("closed")


class Line(Door):
    """Is left otherwise after a failure."""

    def abandon(self) -> None:
        """Note it."""
        self.left.append("abandoned")


@pytest.mark.parametrize("kind", [Door, Line])
def test_it_is_closed_at_the_end_of_its_block(kind: type[Door]) -> None:
    with kind() as door:
        assert door.left == []
    assert door.left == ["closed"]


@pytest.mark.parametrize(("kind", "left"), [(Door, "closed"), (Line, "abandoned")])
def test_a_failure_goes_through_and_leaves_it_closed_or_abandoned(
    kind: type[Door], left: str
) -> None:
    door = kind()
    with pytest.raises(KeyError), door:
        raise KeyError
    assert door.left == [left]

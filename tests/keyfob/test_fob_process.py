"""Virtual fobs in processes of their own, as scenarios start them."""

from pathlib import Path

import pytest

from firmware_model.errors import PortUnavailable
from keyfob.fob_process import FobProcess


def test_a_fob_process_is_killed_started_again_and_gone_at_the_end(tmp_path: Path) -> None:
    process = FobProcess("fob-h6", tmp_path)
    path = Path(process.port.removeprefix("pty:"))
    process.kill()
    assert path.is_symlink(), "a killed process cannot tidy up"
    process.start()
    process.stop()
    process.stop()
    assert not path.is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["errors", "store.db"]


def test_a_fob_process_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(PortUnavailable, match=r"keyfob run --model fob-q9: .*fob-q9"):
        FobProcess("fob-q9", tmp_path)

"""The load example as a user starts it: Locust's own master and workers, every verdict checked."""

import csv
import os
import subprocess
import sys
from pathlib import Path

from tests.strangers.environments import python_with
from tests.strangers.served_host import serving

ROOT = Path(__file__).parents[2]
VERSION = "2.47.0"
SECONDS = os.environ.get("KEYFOB_LOCUST_SECONDS", "30")


def test_users_on_two_workers_log_in_with_their_fobs(tmp_path: Path) -> None:
    python = python_with("locust", f"locust=={VERSION}", str(ROOT))
    with serving(tmp_path / "host", "--rate", "0", count=0, policy="") as served:
        place = [str(served.place), str(served.key_file), "40"]
        prepare = [sys.executable, str(ROOT / "examples/load/prepare.py"), *place]
        subprocess.run(prepare, check=True, capture_output=True)
        done = subprocess.run(
            [
                *(python, "-m", "locust", "-f", ROOT / "examples/load/locustfile.py"),
                *("--host", served.url, "--headless", "--users", "16", "--spawn-rate", "16"),
                *("--run-time", f"{SECONDS}s", "--processes", "2", "--csv", tmp_path / "load"),
            ],
            env=os.environ | {"KEYFOB_ACCESS_TOKEN": served.secret, "KEYFOB_LOAD_FOBS": "20"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        sys.stdout.write(done.stderr)  # the table, for whoever runs it with -s
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        with (tmp_path / "load_stats.csv").open(encoding="utf-8") as file:
            rows = {row["Name"]: row for row in csv.DictReader(file)}
        assert {"enroll, accepted", "verify, accepted", "verify, replayed"} <= set(rows)
        assert int(rows["enroll, accepted"]["Request Count"]) == 16
        assert int(rows["Aggregated"]["Failure Count"]) == 0
        with served.open() as host:
            assert host.audit_faults() == []

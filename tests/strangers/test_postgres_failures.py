"""Many hosts on one server, and everything that can break between them: nothing twice."""

from collections import Counter
from collections.abc import Iterator

import pytest

from firmware_model.errors import BadInput, InUse, PortUnavailable
from host_tools.vault.database import Database, Statement
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.postgres import PostgresDatabase
from host_tools.vault.postgres_address import PostgresAddress, parse_address
from host_tools.vault.postgres_opening import open_in_postgres
from host_tools.verification.decision import Verdict
from host_tools.verification.host import Host
from host_tools.verification.store import SCHEMA
from tests.host_tools.verification.hosts import KEYS, NOON, PRESSED, code, record
from tests.host_tools.verification.test_processes import (
    CODES,
    POLICY,
    TOKENS,
    start,
    wait_until_ready,
    worker,
)
from tests.shares import times
from tests.strangers.postgres_server import PostgresServer, running

HOSTS = 16
KILLS = times(4, 20)
VERIFIED = "SELECT count(*) FROM keyfob_host.audit WHERE event = 'verify' AND outcome = 'accepted'"


@pytest.fixture
def place(postgres: PostgresServer) -> PostgresAddress:
    return postgres.new_database()


@pytest.fixture
def own() -> Iterator[PostgresServer]:
    """A server that a test may stop."""
    with running() as server:
        yield server


def database_of(host: Host) -> PostgresDatabase:
    database = host._store.guarded.database
    assert isinstance(database, PostgresDatabase)
    return database


def test_sixteen_hosts_with_the_same_codes_get_each_accepted_once(place: PostgresAddress) -> None:
    with Host.create(place, KEYS, NOON, POLICY) as host:
        host.import_tokens([record(token) for token in TOKENS], NOON)
        for token in TOKENS:
            host.enroll(token, "alice", [], NOON)
        workers = [worker(place, 0, CODES, *TOKENS) for _ in range(HOSTS)]
        for process in workers:
            wait_until_ready(process)
        for process in workers:
            start(process)
        accepted = Counter[str]()
        for process in workers:
            out, _ = process.communicate(timeout=600)
            assert process.returncode == 0
            accepted.update(out.splitlines())
        everything = [f"{token} {factor}" for token in TOKENS for factor in range(CODES)]
        assert accepted == Counter(everything)
        entries = [entry for _, entry in host.audit_rows() if entry.event == "verify"]
        assert len(entries) == HOSTS * len(everything)
        assert host.audit_faults() == []


def test_a_kill_in_mid_verification_keeps_what_was_accepted_used(place: PostgresAddress) -> None:
    with Host.create(place, KEYS, NOON, POLICY) as host:
        host.import_tokens([record(PRESSED)], NOON)
        host.enroll(PRESSED, "alice", [], NOON)
    said = -1
    for round_ in range(KILLS):
        with worker(place, said + 1, said + 5_001, PRESSED) as process:
            wait_until_ready(process)
            start(process)
            assert process.stdout is not None
            for _ in range(1 + round_ % 4):
                said = int(process.stdout.readline().split()[1])
            process.kill()
            rest = process.stdout.read().splitlines(keepends=True)
        said = max([said, *(int(line.split()[1]) for line in rest if line.endswith("\n"))])
        with Host.open(place, KEYS) as host:
            assert (host.status(PRESSED, NOON).next_factor or 0) > said
            verdict = host.verify([code(said)], NOON, token=PRESSED).decision.verdict
            assert verdict is Verdict.REPLAYED
            assert host.audit_faults() == []
            said = (host.status(PRESSED, NOON).next_factor or 0) - 1


def test_a_connection_that_is_cut_between_or_in_commits_loses_and_doubles_nothing(
    postgres: PostgresServer, place: PostgresAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Host.create(place, KEYS, NOON, POLICY) as host:
        host.import_tokens([record(PRESSED)], NOON)
        host.enroll(PRESSED, "alice", [], NOON)
        assert postgres.end_connections()
        assert host.verify([code(0)], NOON, token=PRESSED).accepted, "read again over a new one"
        real = PostgresDatabase._piped

        def cut_before(
            self: PostgresDatabase, statements: list[Statement], *, prepare: bool | None = None
        ) -> object:
            if any(statement.sql.startswith("WITH done") for statement in statements):
                monkeypatch.setattr(PostgresDatabase, "_piped", real)
                postgres.end_connections()
            return real(self, statements, prepare=prepare)

        def cut_after(
            self: PostgresDatabase, statements: list[Statement], *, prepare: bool | None = None
        ) -> object:
            done = real(self, statements, prepare=prepare)
            if any(statement.sql.startswith("WITH done") for statement in statements):
                monkeypatch.setattr(PostgresDatabase, "_piped", real)
                postgres.end_connections()
                return real(self, statements, prepare=prepare)  # fails
            return done

        for factor, cut in enumerate((cut_before, cut_after, cut_before, cut_after), start=1):
            monkeypatch.setattr(PostgresDatabase, "_piped", cut)
            assert host.verify([code(factor)], NOON, token=PRESSED).accepted
            assert PostgresDatabase._piped is real, "it was cut"
        assert postgres.execute(VERIFIED, place.url.partition("@/")[2].partition("?")[0]) == [(5,)]
        assert host.audit_faults() == []


def test_a_server_that_is_restarted_or_crashes_is_found_again(own: PostgresServer) -> None:
    place = own.new_database()
    with Host.create(place, KEYS, NOON, POLICY) as host:
        host.import_tokens([record(PRESSED)], NOON)
        host.enroll(PRESSED, "alice", [], NOON)
        for factor, mode in enumerate(("fast", "immediate")):
            assert host.verify([code(factor)], NOON, token=PRESSED).accepted
            own.stop(mode)
            own.start()
            verdict = host.verify([code(factor)], NOON, token=PRESSED).decision.verdict
            assert verdict is Verdict.REPLAYED
        own.stop()
        monkey = pytest.MonkeyPatch()
        monkey.setattr("host_tools.vault.postgres.PATIENCE_SECONDS", 0.0)
        with pytest.raises(PortUnavailable, match=r"cannot connect to .*; check that the server"):
            host.verify([code(2)], NOON, token=PRESSED)
        monkey.undo()
        own.start()
        assert host.verify([code(2)], NOON, token=PRESSED).accepted
        assert host.audit_faults() == []


def test_a_full_disk_is_said_and_nothing_is_accepted(place: PostgresAddress) -> None:
    with Host.create(place, KEYS, NOON, POLICY) as host:
        host.import_tokens([record(PRESSED)], NOON)
        host.enroll(PRESSED, "alice", [], NOON)
        database = database_of(host)
        # What the server raises where its disk is full, raised by itself in the same place.
        database._execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$;"
            " CREATE TRIGGER full_disk BEFORE INSERT ON audit EXECUTE FUNCTION full_disk()"
        )
        with pytest.raises(BadInput, match=r"disk full: the server of .*; free some space there"):
            host.verify([code(0)], NOON, token=PRESSED)
        database._execute("DROP TRIGGER full_disk ON audit; DROP FUNCTION full_disk()")
        assert host.status(PRESSED, NOON).next_factor == 0
        assert host.verify([code(0)], NOON, token=PRESSED).accepted
        assert host.audit_faults() == []


def test_a_check_is_two_round_trips_and_no_transaction_is_open_between(
    place: PostgresAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips = []
    real = PostgresDatabase._piped

    def counted(
        self: PostgresDatabase, statements: list[Statement], *, prepare: bool | None = None
    ) -> object:
        done = real(self, statements, prepare=prepare)
        trips.append(self._connection.info.transaction_status.name)
        return done

    with Host.create(place, KEYS, NOON, POLICY) as host:
        host.import_tokens([record(token) for token in TOKENS], NOON)
        for token in TOKENS:
            host.enroll(token, token, [], NOON)
        host.verify(["000000"], NOON, token="unknown")  # whose counter is made at first
        monkeypatch.setattr(PostgresDatabase, "_piped", counted)
        for asked in ({"token": TOKENS[0]}, {"user": TOKENS[1]}, {"token": "unknown"}):
            for tried in (code(0), "000000"):
                trips.clear()
                host.verify([tried], NOON, **asked)
                assert trips == ["IDLE", "IDLE"]
        from host_tools.verification.attempts import Attempt

        trips.clear()
        host.verify_all([Attempt([code(1)], NOON, token=token) for token in TOKENS])
        assert trips == ["IDLE", "IDLE"], "a group costs what one costs"


def test_a_store_of_an_older_version_is_migrated_alone_and_whole(place: PostgresAddress) -> None:
    from dataclasses import replace

    def step(database: Database, _: KeyRing) -> None:
        database.make_tables("CREATE TABLE extra (\n    id INTEGER NOT NULL\n);")

    later = replace(SCHEMA, version=5, postgres_steps={4: step})
    Host.create(place, KEYS, NOON, POLICY).close()
    with Host.open(place, KEYS), pytest.raises(InUse, match="must be migrated: stop what has it"):
        open_in_postgres(place, later, KEYS, create=False)
    with open_in_postgres(place, later, KEYS, create=False) as store:
        assert store.faults() == []
    with pytest.raises(BadInput, match="of version 5, and this keyfob reads up to 4"):
        Host.open(place, KEYS)


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("postgresql://keyfob@127.0.0.1:1/none", "cannot connect to"),
        ("postgresql://keyfob@/none?host={folder}", 'database "none" does not exist'),
        ("postgresql://nobody@/postgres?host={folder}", 'role "nobody" does not exist'),
    ],
)
def test_a_server_that_refuses_is_named_with_what_to_do(
    postgres: PostgresServer, address: str, error: str
) -> None:
    with pytest.raises(PortUnavailable, match=error) as raised:
        Host.open(parse_address(address.format(folder=postgres.folder)), KEYS)
    assert "check that the server runs" in str(raised.value)


def test_an_empty_database_has_no_store_and_init_makes_one_once(place: PostgresAddress) -> None:
    with pytest.raises(BadInput, match="no such store; `init` makes"):
        Host.open(place, KEYS)
    Host.create(place, KEYS, NOON, POLICY).close()
    with pytest.raises(BadInput, match="there is a store of the verification host already"):
        Host.create(place, KEYS, NOON, POLICY)

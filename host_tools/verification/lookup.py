"""What a store has of tokens and their users: read in one round trip, as of one instant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from firmware_model.errors import BadInput, KeyfobError
from host_tools.vault.database import Fetched, Statement
from host_tools.vault.guarded import GuardedStore
from host_tools.vault.log import LogTail, live_in, of_row
from host_tools.vault.tables import Row
from host_tools.verification.rows import DECOY_ID, Holder, TokenRow, holder_of, token_of
from host_tools.verification.schema import ENROLMENT, TALLY, TOKEN
from host_tools.verification.states import TokenState
from host_tools.verification.throttle import Scope, subject_of

USABLE = (TokenState.ACTIVE, TokenState.SUSPENDED)
"""States in which a user's token is found by the user's name."""

ENTRIES_PER_ATTEMPT = 6
"""How many entries of the log one attempt writes at most: one for each row it changes."""

_IN_USE = 'SELECT token_id FROM enrolment WHERE "user" = ?1 AND since IS NOT NULL AND ended IS NULL'


class AskedToken(NamedTuple):
    """How a token was asked for: by its own name, or by its user's, the other one is ""."""

    token: str
    user: str


@dataclass(slots=True)
class FoundToken:
    """A token, all that have, had or will have it, and the failure counters that may count.

    `tallies` are rows by the key by which the log names them. `is_kept`: nothing was read for it.
    """

    token: TokenRow
    holders: list[Holder]
    tallies: dict[str, Row] = field(repr=False)
    is_kept: bool = False


Lookup = list[FoundToken | KeyfobError]
"""For each token asked for what was found, or why it cannot be used."""


class TokenLookup:
    """Reads tokens by name; `scope` says whose failures are counted together."""

    def __init__(self, guarded: GuardedStore, scope: Scope) -> None:
        self._guarded = guarded
        self._scope = scope
        self._log = guarded.log
        same = guarded.database.folded
        by_name = (
            f"SELECT max(id) FROM token WHERE {same('serial_number')} = ?1"  # noqa: S608
            f" OR {same('credential_id')} = ?1 OR id = {DECOY_ID}"
        )
        self._by_name = self._sql(by_name)
        self._by_user = self._sql(f"{_IN_USE} UNION ALL SELECT {DECOY_ID}")

    def read(self, asked: Sequence[AskedToken]) -> tuple[Lookup, LogTail | None]:
        """Return what is found for each, and the log's end, where others may write meanwhile.

        The same work for a name that is unknown: the decoy's row is found for it.
        """
        database, count = self._guarded.database, ENTRIES_PER_ATTEMPT * len(asked)
        self._guarded.kept.refresh()
        kept = [self._guarded.kept.found(each) for each in asked]
        missing = [each for each, rows in zip(asked, kept, strict=True) if rows is None]
        queries = [query for each in missing for query in self._queries(each)]
        # Last: an entry's number must be drawn after what it speaks of was read.
        is_known = database.has_one_writer or not queries
        tail = [] if is_known else self._log.tail_queries(count)
        found = iter(database.fetch_all([*queries, *tail]) if queries else [])
        lookup = [
            self._read(each, found) if rows is None else self._chosen(each, *rows, is_kept=True)
            for each, rows in zip(asked, kept, strict=True)
        ]
        return lookup, self._log.tail_from(list(found)) if tail else None

    def reread(self, asked: AskedToken) -> None:
        """Read and compare what is kept for a token; raises StoreAltered."""
        found = self._guarded.database.fetch_all(self._queries(asked))
        if isinstance(read := self._read(asked, iter(found)), KeyfobError):
            raise read

    def _sql(self, ids: str) -> tuple[str, str, str, str]:
        """Return the queries for tokens, users, the log's entries of users, and counters."""
        guarded = self._guarded
        return (
            guarded.query(TOKEN, f"id IN ({ids})").sql,
            guarded.query(ENROLMENT, f"token_id IN ({ids})").sql,
            "SELECT entry.row_key, entry.revision FROM token JOIN audit AS entry"  # noqa: S608
            " ON entry.row_table = 'enrolment' AND entry.row_key >= '[' || token.id || ','"
            " AND entry.row_key < '[' || token.id || '-'"
            f" WHERE token.id IN ({ids}) ORDER BY entry.number",
            guarded.query(TALLY, self._tally_condition(ids)).sql,
        )

    def _tally_condition(self, ids: str) -> str:
        database = self._guarded.database
        subject = database.folded("subject")
        if self._scope is Scope.GENERATOR:
            serial = database.folded("serial_number")
            return f"scope = ?2 AND {subject} IN (SELECT {serial} FROM token WHERE id IN ({ids}))"  # noqa: S608
        column = '"user"' if self._scope is Scope.USER else database.before_slash('"user"')
        users = f"SELECT {database.folded(column)} FROM enrolment WHERE token_id IN ({ids})"  # noqa: S608
        return f"scope = ?2 AND ({subject} IN (?3, '') OR {subject} IN ({users}))"

    def _queries(self, asked: AskedToken) -> list[Statement]:
        tokens, users, entries, tallies = self._by_name if asked.token else self._by_user
        name = (TOKEN.folded(asked.token) if asked.token else asked.user,)
        counted: tuple[str, ...] = (*name, str(self._scope))
        if self._scope is not Scope.GENERATOR:
            counted += (TALLY.folded(subject_of(self._scope, asked.user)),)
        return [
            Statement(tokens, name),
            Statement(users, name),
            Statement(entries, name),
            of_row(TOKEN.name, TOKEN.key_from([asked.token])),
            Statement(tallies, counted),
        ]

    def _read(
        self, asked: AskedToken, results: Iterator[list[Fetched]]
    ) -> FoundToken | KeyfobError:
        """Return what the queries found, compared with its MACs and the log; keep it."""
        tokens, enrolments, entries, named, tallies = (next(results) for _ in range(5))
        guarded = self._guarded
        try:
            holders = guarded.rows(ENROLMENT, enrolments)
            guarded.require_all(ENROLMENT, live_in(entries), holders)
            found = guarded.rows(TOKEN, tokens)
            if asked.token:
                self._require_named(asked.token, found, named)
            else:
                self._require_used(asked.user, found, holders)
            counters = guarded.rows(TALLY, tallies)
        except KeyfobError as error:
            return error
        guarded.kept.keep_found(asked, ((TOKEN, found), (ENROLMENT, holders), (TALLY, counters)))
        return self._chosen(asked, found, holders, counters)

    @staticmethod
    def _chosen(
        asked: AskedToken,
        tokens: Sequence[Row],
        holders: Sequence[Row],
        counters: Sequence[Row],
        *,
        is_kept: bool = False,
    ) -> FoundToken | KeyfobError:
        """Return the token that is meant among those found, and what belongs to it."""
        try:
            if asked.token:
                (token,) = map(token_of, tokens)
            else:
                token = _used_by(asked.user, {row["id"]: token_of(row) for row in tokens}, holders)
        except KeyfobError as error:
            return error
        return FoundToken(
            token,
            [holder_of(row) for row in holders if row["token_id"] == token.id],
            {TALLY.key_of(row): row for row in counters},
            is_kept,
        )

    def _require_named(self, name: str, found: Sequence[Row], logged: Sequence[Fetched]) -> None:
        """Raise StoreAltered where the token of that name, or the decoy, was deleted."""
        if len(found) != 1:
            raise self._guarded.altered("the row for unknown tokens was deleted")
        is_live = self._guarded.is_live(TOKEN, TOKEN.key_from([name]), logged)
        if is_live and found[0]["serial_number"].casefold() != name.casefold():
            raise self._guarded.altered(f"token {name} was deleted")

    def _require_used(self, user: str, found: Sequence[Row], holders: Sequence[Row]) -> None:
        """Raise StoreAltered where a token that the user has in use, or the decoy, was deleted."""
        known = {row["id"] for row in found}
        for number in (DECOY_ID, *_in_use(user, holders)):
            if number not in known:
                raise self._guarded.altered(f"token with the id {number} was deleted")


def _in_use(user: str, holders: Sequence[Row]) -> list[int]:
    """Return the ids of the tokens that the user has in use."""
    return [
        row["token_id"]
        for row in holders
        if row["user"] == user and row["since"] is not None and row["ended"] is None
    ]


def _used_by(user: str, by_id: dict[int, TokenRow], holders: Sequence[Row]) -> TokenRow:
    """Return the one token in use that can be used, or the decoy; raises BadInput for several."""
    usable = [by_id[number] for number in _in_use(user, holders) if by_id[number].state in USABLE]
    if len(usable) > 1:
        raise BadInput(f"{user} has {len(usable)} tokens: name the token")
    return usable[0] if usable else by_id[DECOY_ID]

"""`keyfob host`: the verification host, what a bank checks its customers' codes against."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from firmware_model.errors import BadInput
from host_tools.client.text_file import read_text
from host_tools.vault.key_ring import add_key
from host_tools.verification.host import Host
from host_tools.verification.host_json import entry_json, status_json
from host_tools.verification.policy import load_policy, nist_doubts
from host_tools.verification.profiles import known_profiles
from host_tools.verification.states import Actor, TokenEvent
from keyfob.cli import options
from keyfob.cli.code_input import ask_codes, prompts_for
from keyfob.cli.output import print_faults, print_json, print_rows
from keyfob.cli.parameters import ANY_FILE, EXISTING_FILE
from keyfob.cli.seed_input import SeedSecretOptions, read_seeds
from keyfob.cli.verbs.host.output import (
    entry_line,
    print_answer,
    print_exchange,
    print_opinions,
    print_profiles,
    print_status,
)
from keyfob.cli.verbs.host.store import HostStoreOptions, actor_option

_DOUBTS_SHOWN = 3
_GRACE = "The last day on which the service works without a code."

_token_option = click.option(
    "--token", required=True, metavar="NAME", help="The token's serial number or Credential ID."
)
_any_token_option = click.option(
    "--token", default="", metavar="NAME", help="The token's serial number or Credential ID."
)
_user_option = click.option(
    "--user", default="", metavar="NAME", help="The user, as CONTRACT/USER or one name."
)
_code_option = click.option(
    "--code", metavar="CODE", multiple=True, help=f"The code itself. {options.SEEN_BY_OTHERS}"
)


@click.command()
@click.option(
    "--policy",
    type=EXISTING_FILE,
    metavar="FILE",
    help="TOML that names what differs from the default.",
)
@HostStoreOptions.options
def init(desk: HostStoreOptions, policy: Path | None) -> None:
    """Make a store, and a key for it if there is none yet.

    Keep the key where the store is not: a copy of the store alone reveals no seed.
    """
    text = "" if policy is None else read_text(policy, "TOML")
    desk.refuse_a_store()
    load_policy(text, str(policy))
    with (
        desk.new_key() as made,
        Host.create(desk.store, desk.keys(), desk.now(), text) as host,
    ):
        head = host.audit_head()
    if desk.as_json:
        print_json({"store": str(desk.store), "audit_head": str(head)})
        return
    click.echo(f"{desk.store}: a new store; its audit log begins at {head}")
    if made:
        click.echo(f"{desk.key_file}: its key; whoever has both has every seed")


@click.command("import")
@click.argument("seeds", type=EXISTING_FILE)
@SeedSecretOptions.options
@click.option(
    "--skip-known",
    is_flag=True,
    help="Pass over tokens that the host has with the same seed, as cumulative files repeat them.",
)
@actor_option
@HostStoreOptions.options
def import_(
    desk: HostStoreOptions,
    seeds: Path,
    opened_by: SeedSecretOptions,
    actor: Actor,
    *,
    skip_known: bool,
) -> None:
    """Put the tokens of a seed file on stock: all of them, or none.

    With --skip-known: all that are new. A known name with another seed is refused in any case.
    """
    records, known = read_seeds(seeds, opened_by), 0
    with desk.open() as host:
        if skip_known:
            in_file = len(records)
            records = host.unknown_tokens(records)
            known = in_file - len(records)
        count = host.import_tokens(records, desk.now(), actor) if records or not known else 0
    doubts = [
        f"{record.serial_number}: {doubt}" for record in records for doubt in nist_doubts(record)
    ]
    if desk.as_json:
        print_json({"imported": count, "known": known, "doubts": doubts})
        return
    skipped = f", {known:,} known already" if known else ""
    click.echo(f"{seeds}: {count:,} token{'s' * (count != 1)} imported{skipped}")
    for doubt in doubts[:_DOUBTS_SHOWN]:
        click.echo(f"warning: {doubt}", err=True)
    if len(doubts) > _DOUBTS_SHOWN:
        click.echo(f"warning: and {len(doubts) - _DOUBTS_SHOWN} more", err=True)


@click.command()
@_token_option
@click.option("--user", required=True, metavar="NAME", help="Who gets it, as CONTRACT/USER.")
@_code_option
@actor_option
@HostStoreOptions.options
def enroll(
    desk: HostStoreOptions, token: str, user: str, code: tuple[str, ...], actor: Actor
) -> int:
    """Put a token into a user's use, with the codes the policy asks for."""
    with desk.open() as host:
        codes = ask_codes(code, prompts_for(host.policy.enrolment.codes))
        answer = host.enroll(token, user, codes, desk.now(), actor)
    return print_answer(answer, as_json=desk.as_json)


def _verifier(name: str, count: int, text: str) -> click.Command:
    @click.command(name, help=text)
    @_any_token_option
    @_user_option
    @_code_option
    @HostStoreOptions.options
    def command(desk: HostStoreOptions, token: str, user: str, code: tuple[str, ...]) -> int:
        if not (token or user):
            raise click.UsageError("name the token, its user, or both: --token, --user")
        with desk.open() as host:
            codes = ask_codes(code, prompts_for(count))
            answer = host.verify(codes, desk.now(), token=token, user=user)
        return print_answer(answer, as_json=desk.as_json)

    return command


verify = _verifier(
    "verify",
    1,
    "Verify a code: accepted once, and never again by any process. Exit status 1 means no.",
)
resync = _verifier(
    "resync", 2, "Catch up with a token far ahead or off in time, by two consecutive codes."
)


@click.command()
@click.option("--token", required=True, metavar="OLD", help="The token that goes.")
@click.option("--for", "new", required=True, metavar="NEW", help="The token that comes.")
@_user_option
@_code_option
@actor_option
@HostStoreOptions.options
def exchange(
    desk: HostStoreOptions, token: str, new: str, user: str, code: tuple[str, ...], actor: Actor
) -> int:
    """Let a new token take the place of an old one.

    Asks for a code of the old token first, if the policy wants one, then for the new one's.
    """
    with desk.open() as host:
        old_count = int(host.policy.exchange.old_code)
        prompts = prompts_for(1, "the old token's code")[:old_count]
        prompts += prompts_for(host.policy.enrolment.codes, "the new token's code")
        codes = ask_codes(code, prompts)
        old, coming = host.exchange(
            token, new, codes[:old_count], codes[old_count:], desk.now(), actor, user
        )
    return print_exchange(old, coming, as_json=desk.as_json)


def _mover(event: TokenEvent, text: str, *, until: str = "", name: str = "") -> click.Command:
    def run(
        desk: HostStoreOptions, token: str, user: str, actor: Actor, until: str | None = None
    ) -> None:
        last_day = None if until is None else _day(until)
        with desk.open() as host:
            now = desk.now()
            state = host.move(event, token, now, actor, user, last_day)
            serial_number = host.status(token, now, user).serial_number
        if desk.as_json:
            print_json({"serial_number": serial_number, "state": state})
        else:
            click.echo(f"{serial_number}: {state}")

    command: Callable[..., Any] = actor_option(_user_option(HostStoreOptions.options(run)))
    if until:
        must = event is TokenEvent.EXTEND
        command = click.option("--until", required=must, metavar="YYYY-MM-DD", help=until)(command)
    return click.command(name or event.value, help=text)(_token_option(command))


assign = _mover(TokenEvent.ASSIGN, "Set a token aside for a user.")
mail = _mover(TokenEvent.MAIL, "The token was sent to its user.")
returned = _mover(TokenEvent.RETURN, "The post brought the token back.", name="returned")
stock = _mover(TokenEvent.STOCK, "Take a token back on stock; its failures are forgotten.")
suspend = _mover(TokenEvent.SUSPEND, "Suspend a token.", until=_GRACE)
resume = _mover(TokenEvent.RESUME, "Let a suspended token be used again.")
unlock = _mover(TokenEvent.UNLOCK, "Open the lock that wrong codes have shut.")
release = _mover(TokenEvent.RELEASE, "End a token's use by its user, or by all.", until=_GRACE)
lost = _mover(TokenEvent.LOSE, "A token is lost or stolen: it stops at once.")
found = _mover(TokenEvent.FIND, "A lost token was found: it may be enrolled anew.")
reset_drift = _mover(TokenEvent.RESET_DRIFT, "Set a token's stored drift to 0.", name="reset-drift")
extend = _mover(TokenEvent.EXTEND, "Give a token a later last day.", until="Its new last day.")


@click.command()
@_any_token_option
@_user_option
@HostStoreOptions.options
def status(desk: HostStoreOptions, token: str, user: str) -> None:
    """Tell where a token stands, a user's tokens, or how many are in each state."""
    with desk.open() as host:
        now = desk.now()
        tokens = [host.status(token, now, user)] if token else host.tokens_of(user, now)
        counts, policy = host.summary(), host.policy.name
    if not token and not user:
        if desk.as_json:
            print_json({"policy": policy, "tokens": counts})
        else:
            print_rows(
                [("policy", policy), *((state, f"{count:,}") for state, count in counts.items())]
            )
    elif desk.as_json:
        print_json(status_json(tokens[0]) if token else [status_json(each) for each in tokens])
    elif not tokens:
        click.echo(f"{user} uses no token")
    else:
        for each in tokens:
            print_status(each)


@click.command()
@click.argument("what", type=click.Choice(["show", "verify"]), default="show")
@click.option(
    "--after", type=click.IntRange(0, 2**63 - 1), default=0, metavar="N", help="Show from row N+1."
)
@click.option("--head", metavar="N:MAC", help="Verify that a head kept elsewhere is in the log.")
@HostStoreOptions.options
def audit(desk: HostStoreOptions, what: str, after: int, head: str | None) -> int:
    """Show the audit log and its head; or verify that log and store are whole.

    `verify` reads everything and names each row that was altered, deleted or put back without the
    key (exit status 1). That the whole store is not an older one, only a head shows that was kept
    elsewhere (--head, --anchor).
    """
    if what == "verify":
        faults, now = Host.inspect(desk.store, desk.keys(), desk.kept_head(head))
        return print_faults(faults, now, as_json=desk.as_json)
    rows, now = Host.read_log(desk.store, desk.keys(), after)
    if desk.as_json:
        entries = [entry_json(number, entry) for number, entry in rows]
        print_json({"head": str(now), "entries": entries})
        return 0
    for number, entry in rows:
        click.echo(entry_line(number, entry))
    click.echo(f"head {now}")
    return 0


@click.command()
@actor_option
@HostStoreOptions.options
def rekey(desk: HostStoreOptions, actor: Actor) -> None:
    """Seal every seed with a new key, which is added to the key file.

    Where it was stopped before its end it goes on, with the key it had made. Programs that hold
    the store open must open it anew. Keep the older keys: backups and the audit log need them.
    """
    keys = desk.keys()
    with Host.open(desk.store, keys, desk.anchor()) as host:
        done = host.is_rekeyed
    if done:
        if desk.key_is_in_environment:
            raise BadInput(
                f"every seed is sealed with key version {keys.newest} already;"
                f" {desk.variable('KEY')} needs a line with a new key: {keys.newest + 1} HEX"
            )
        keys = add_key(desk.key_file)
    with Host.open(desk.store, keys, desk.anchor()) as host:
        count = host.rekey(desk.now(), actor)
    if desk.as_json:
        print_json({"key_version": keys.newest, "seeds": count})
    else:
        click.echo(f"{desk.store}: {count:,} seeds sealed anew, key version {keys.newest}")


@click.command()
@click.argument("target", type=ANY_FILE)
@actor_option
@HostStoreOptions.options
def backup(desk: HostStoreOptions, target: Path, actor: Actor) -> None:
    """Copy the store while others work with it. The key is not in the copy."""
    with desk.open() as host:
        head = host.backup(target, desk.now(), actor)
    if desk.as_json:
        print_json({"backup": str(target), "audit_head": str(head)})
    else:
        click.echo(f"{target}: backup; its audit log ends at {head}")


@click.command()
@actor_option
@HostStoreOptions.options
def restore(desk: HostStoreOptions, actor: Actor) -> None:
    """Let a backup serve again, and say what it can no longer promise."""
    said = Host.restore(desk.store, desk.keys(), desk.now(), actor)
    if desk.as_json:
        print_json({"store": str(desk.store), "no_longer_promised": said})
    else:
        for line in said:
            click.echo(line)


@click.command()
@_any_token_option
@_code_option
@HostStoreOptions.options
def profiles(desk: HostStoreOptions, token: str, code: tuple[str, ...]) -> None:
    """Ask all known verifiers whether they would accept a code; or list their habits.

    Nothing is used up or counted by asking.
    """
    if not token:
        print_profiles(known_profiles(), as_json=desk.as_json)
        return
    with desk.open() as host:
        (asked,) = ask_codes(code, prompts_for(1))
        opinions = host.opinions(token, asked, desk.now())
    print_opinions(opinions, as_json=desk.as_json)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--until {text!r}: a day is written YYYY-MM-DD") from None

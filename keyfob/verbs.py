"""The verbs of the command line, as a table: help and completion import no command.

A name of two words is a verb in a group (`keyfob seeds generate`). Each entry says where the
click command stands and what one line of help says about it; the rest is the command's own.
"""

VERBS: dict[str, tuple[str, str]] = {
    "run": ("keyfob.commands.run:run", "Run virtual fobs on a port, with a bench beside it."),
    "models": ("keyfob.commands.models:models", "List the models, or describe one in words."),
    "info": ("keyfob.commands.info:info", "Read a fob: identity, life-cycle, battery, clock."),
    "provision": ("keyfob.commands.provision:provision", "Load a seed file's record into a fob."),
    "discover": ("keyfob.commands.discover:discover", "List the fobs on a line."),
    "raw": ("keyfob.commands.raw:raw", "Send an APDU by hand."),
    "press": ("keyfob.commands.press:press", "Press a fob's button (bench)."),
    "look": ("keyfob.commands.look:look", "Look at a fob's display (bench)."),
    "power": ("keyfob.commands.power:power", "Cut a fob's supply, or bring it back (bench)."),
    "heat": ("keyfob.commands.heat:heat", "Set the temperature around a fob (bench)."),
    "drain": ("keyfob.commands.drain:drain", "Set what is left in the coin cell (bench)."),
    "advance": ("keyfob.commands.advance:advance", "Let time pass at once (bench)."),
    "seeds generate": ("keyfob.commands.seeds:generate", "Make a seed file for new fobs."),
    "seeds convert": ("keyfob.commands.seeds:convert", "Turn a seed file into another format."),
    "seeds inspect": ("keyfob.commands.seeds:inspect", "Explain a seed file; show no seed."),
    "verify": ("keyfob.commands.verify:verify", "Verify a code from a fob's display."),
    "scenario run": ("keyfob.commands.scenario:run", "Play a scenario on virtual or real fobs."),
    "scenario list": ("keyfob.commands.scenario:list_", "List the scenarios that ship."),
    "scenario steps": ("keyfob.commands.scenario:steps", "List the steps a scenario may use."),
    "host init": ("keyfob.commands.host:init", "Make the store and its key."),
    "host import": ("keyfob.commands.host:import_", "Put a seed file's tokens on stock."),
    "host assign": ("keyfob.commands.host:assign", "Set a token aside for a user."),
    "host mail": ("keyfob.commands.host:mail", "The token was sent to its user."),
    "host returned": ("keyfob.commands.host:returned", "The post brought the token back."),
    "host stock": ("keyfob.commands.host:stock", "Take a token back on stock."),
    "host enroll": ("keyfob.commands.host:enroll", "Put a token into a user's use."),
    "host verify": ("keyfob.commands.host:verify", "Verify a code: accepted once only."),
    "host resync": ("keyfob.commands.host:resync", "Catch up by two consecutive codes."),
    "host suspend": ("keyfob.commands.host:suspend", "Suspend a token."),
    "host resume": ("keyfob.commands.host:resume", "Let a suspended token be used again."),
    "host unlock": ("keyfob.commands.host:unlock", "Open the lock that wrong codes have shut."),
    "host release": ("keyfob.commands.host:release", "End a token's use."),
    "host lost": ("keyfob.commands.host:lost", "A token is lost or stolen: stop it at once."),
    "host found": ("keyfob.commands.host:found", "A lost token was found."),
    "host extend": ("keyfob.commands.host:extend", "Give a token a later last day."),
    "host exchange": ("keyfob.commands.host:exchange", "Let a new token take an old one's place."),
    "host status": ("keyfob.commands.host:status", "Tell where tokens stand."),
    "host audit": ("keyfob.commands.host:audit", "Print the audit log, or prove it whole."),
    "host backup": ("keyfob.commands.host:backup", "Copy the store while others work with it."),
    "host restore": ("keyfob.commands.host:restore", "Let a backup serve again."),
    "host profiles": ("keyfob.commands.host:profiles", "Ask what other verifiers would say."),
    "demo": ("keyfob.commands.demo:demo", "Tell the whole story in a terminal."),
}

GROUPS: dict[str, str] = {
    "seeds": "Make and read seed files.",
    "scenario": "Run and write scenarios.",
    "host": "Verify codes as a bank does: tokens, users, locks, an audit log.",
}

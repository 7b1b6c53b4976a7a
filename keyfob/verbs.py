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
    "demo": ("keyfob.commands.demo:demo", "Tell the whole story in a terminal."),
}

GROUPS: dict[str, str] = {
    "seeds": "Make and read seed files.",
    "scenario": "Run and write scenarios.",
}

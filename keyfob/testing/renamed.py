"""Options that have another name now, for the messages that refuse the old one."""

RENAMED = {"seed": "dice"}
"""What options were called before; `seed` is the key of a code, never chance."""


def hint_for(name: str) -> str:
    """Return what to add to the message about an unknown option, "" where nothing helps."""
    return f"; for what was {name}, give {RENAMED[name]}" if name in RENAMED else ""

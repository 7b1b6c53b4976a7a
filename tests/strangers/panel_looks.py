"""How the panel is looked at: sizes and themes, pictures for designers, axe for everybody else."""

import json
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.strangers.environments import FOLDER

SHOTS = FOLDER / "panel"
"""Where the pictures of every view go, for whoever looks at them as a designer."""

LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone-ja": {"viewport": {"width": 360, "height": 780}, "locale": "ja-JP"},
    "wall": {"viewport": {"width": 2560, "height": 1440}, "color_scheme": "dark"},
}


def serious_of(page: Any) -> str:
    """Return what axe finds serious or critical on a page, "" for nothing."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    told = [(one["id"], one["help"], [n["html"] for n in one["nodes"][:3]]) for one in serious]
    return json.dumps(told) if told else ""

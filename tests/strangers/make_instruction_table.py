"""Makes vectors/firmware/instructions.json: states that Unicorn played.

python -m tests.strangers.make_instruction_table > vectors/firmware/instructions.json
"""

import json
import random
import sys

from tests.firmware_model.processor import random_states
from tests.strangers.test_unicorn import VERSION, unicorns

SEED, EACH = 20, 3


def main() -> None:
    """Write the table."""
    dice = random.Random(SEED)
    rows = list(random_states.literal_table(dice, EACH))
    codes = random_states.narrow_codes()
    rows += [("run", random_states.sequence(dice, codes, 24)) for _ in range(40)]
    rows += random_states.edge_table(dice)
    results = unicorns([state for _, state in rows])
    lines = []
    for (name, state), after in zip(rows, results, strict=True):
        pairs = enumerate(zip(after["r"], state["r"], strict=True))
        after["r"] = {str(number): new for number, (new, old) in pairs if new != old}
        lines.append(json.dumps({"name": name, "before": state, "after": after}))
    origin = f"tests/strangers/make_instruction_table.py, played by Unicorn {VERSION} (Cortex-M0)"
    head = f'{{\n "origin": "{origin}",\n "rows": [\n  '
    sys.stdout.write(head + ",\n  ".join(lines) + "\n ]\n}\n")


if __name__ == "__main__":
    main()

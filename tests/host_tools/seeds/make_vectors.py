"""Write `vectors/seeds/`: python -m tests.host_tools.seeds.make_vectors.

The documents come from `pskc_by_hand` and from the rows below, the expected records are stated
in words; nothing of the reader under test is used.
"""

import json

from tests.host_tools.seeds.invalid_pskc import pskc_invalid
from tests.host_tools.seeds.other_files import others
from tests.host_tools.seeds.table_files import tables
from tests.host_tools.seeds.valid_pskc import pskc_valid
from tests.host_tools.seeds.vector_files import CASES, ROOT


def main() -> None:
    pskc_valid()
    pskc_invalid()
    tables()
    others()
    (ROOT / "index.json").write_text(json.dumps(CASES, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

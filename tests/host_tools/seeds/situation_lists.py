"""All situations, in the order of docs/SEEDS.md §10."""

from tests.host_tools.seeds.situation_apps import APPS, OTPAUTH, REST
from tests.host_tools.seeds.situation_oath import OATH
from tests.host_tools.seeds.situation_pskc import PSKC
from tests.host_tools.seeds.situation_pskc_faults import PSKC_FAULTS
from tests.host_tools.seeds.situation_tables import ENTRAS, OTHERS, TABLES
from tests.host_tools.seeds.situations import Situation

SITUATIONS: tuple[Situation, ...] = (
    *PSKC, *PSKC_FAULTS, *OATH, *TABLES, *ENTRAS, *OTHERS, *OTPAUTH, *APPS, *REST,
)  # fmt: skip

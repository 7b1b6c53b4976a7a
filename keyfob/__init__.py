"""keyfob: virtual one-time-password fobs, and the tools that load, read and verify them.

`import keyfob` is all that a program needs; docs/API.md describes each name. What is not listed
in `__all__` may change in any version; what is follows Semantic Versioning.

Importing it also lets pyserial open `fob://` addresses.
"""

from typing import TYPE_CHECKING

from keyfob.testing.urlhandler import register

if TYPE_CHECKING:  # the same names as in _HOMES, which a test compares
    from firmware_model.catalogue import Model as Model
    from firmware_model.errors import BadAnswer as BadAnswer
    from firmware_model.errors import BadInput as BadInput
    from firmware_model.errors import Denied as Denied
    from firmware_model.errors import InUse as InUse
    from firmware_model.errors import KeyfobError as KeyfobError
    from firmware_model.errors import NoAnswer as NoAnswer
    from firmware_model.errors import PortUnavailable as PortUnavailable
    from firmware_model.errors import Refused as Refused
    from firmware_model.generators import OtpKey as OtpKey
    from host_tools.client.bench import BenchClient as Bench
    from host_tools.client.bench import BenchError as BenchError
    from host_tools.client.bench import DisplayReading as DisplayReading
    from host_tools.client.fob_state import FobState as FobState
    from host_tools.client.fob_state import read_state as read_state
    from host_tools.client.keys import TEST_KEYS as TEST_KEYS
    from host_tools.client.keys import FobKeys as FobKeys
    from host_tools.client.keys import read_keys as read_keys
    from host_tools.client.session import TokenSession as TokenSession
    from host_tools.client.session import open_session as open_session
    from host_tools.provisioning.load import LoadReceipt as LoadReceipt
    from host_tools.provisioning.load import provision as provision
    from host_tools.scenario.results import ScenarioResult as ScenarioResult
    from host_tools.seeds.record import SeedRecord as SeedRecord
    from host_tools.verification.attempts import HostAnswer as HostAnswer
    from host_tools.verification.status import TokenStatus as TokenStatus
    from keyfob.models import load_model as load_model
    from keyfob.models import model_names as model_names
    from keyfob.rooms import Shadowed as Shadowed
    from keyfob.scenarios import run_scenarios as run_scenarios
    from keyfob.seed_files import generate_seeds as generate_seeds
    from keyfob.seed_files import read_seeds as read_seeds
    from keyfob.seed_files import write_seeds as write_seeds
    from keyfob.station import Station as Station
    from keyfob.station import StationResult as StationResult
    from keyfob.testing.fob import Fob as Fob
    from keyfob.testing.fob import NoBenchError as NoBenchError
    from keyfob.testing.fob import NoCode as NoCode
    from keyfob.testing.fob_board import FobBoard as FobBoard
    from keyfob.testing.fob_line import FobLine as FobLine
    from keyfob.testing.fob_line import LineBounds as LineBounds
    from keyfob.testing.fob_mistakes import FobMistakes as FobMistakes
    from keyfob.testing.rack import Rack as Rack
    from keyfob.testing.rack_time import RackTime as RackTime
    from keyfob.testing.snapshot import Snapshot as Snapshot
    from keyfob.verifier import Verifier as Verifier

    __version__: str

_HOMES = {
    # fobs and racks
    "Rack": "keyfob.testing.rack:Rack",
    "Fob": "keyfob.testing.fob:Fob",
    "FobBoard": "keyfob.testing.fob_board:FobBoard",
    "FobLine": "keyfob.testing.fob_line:FobLine",
    "LineBounds": "keyfob.testing.fob_line:LineBounds",
    "FobMistakes": "keyfob.testing.fob_mistakes:FobMistakes",
    "Snapshot": "keyfob.testing.snapshot:Snapshot",
    "RackTime": "keyfob.testing.rack_time:RackTime",
    "Bench": "host_tools.client.bench:BenchClient",
    "DisplayReading": "host_tools.client.bench:DisplayReading",
    "Model": "firmware_model.catalogue:Model",
    "model_names": "keyfob.models:model_names",
    "load_model": "keyfob.models:load_model",
    # a fob's port
    "open_session": "host_tools.client.session:open_session",
    "TokenSession": "host_tools.client.session:TokenSession",
    "read_state": "host_tools.client.fob_state:read_state",
    "FobState": "host_tools.client.fob_state:FobState",
    "FobKeys": "host_tools.client.keys:FobKeys",
    "TEST_KEYS": "host_tools.client.keys:TEST_KEYS",
    "read_keys": "host_tools.client.keys:read_keys",
    "provision": "host_tools.provisioning.load:provision",
    "LoadReceipt": "host_tools.provisioning.load:LoadReceipt",
    # seeds and codes
    "SeedRecord": "host_tools.seeds.record:SeedRecord",
    "read_seeds": "keyfob.seed_files:read_seeds",
    "write_seeds": "keyfob.seed_files:write_seeds",
    "generate_seeds": "keyfob.seed_files:generate_seeds",
    "OtpKey": "firmware_model.generators:OtpKey",
    # the desks
    "Verifier": "keyfob.verifier:Verifier",
    "HostAnswer": "host_tools.verification.attempts:HostAnswer",
    "TokenStatus": "host_tools.verification.status:TokenStatus",
    "Station": "keyfob.station:Station",
    "StationResult": "keyfob.station:StationResult",
    "run_scenarios": "keyfob.scenarios:run_scenarios",
    "ScenarioResult": "host_tools.scenario.results:ScenarioResult",
    # errors
    "KeyfobError": "firmware_model.errors:KeyfobError",
    "BadInput": "firmware_model.errors:BadInput",
    "BadAnswer": "firmware_model.errors:BadAnswer",
    "BenchError": "host_tools.client.bench:BenchError",
    "Denied": "firmware_model.errors:Denied",
    "InUse": "firmware_model.errors:InUse",
    "NoAnswer": "firmware_model.errors:NoAnswer",
    "NoBenchError": "keyfob.testing.fob:NoBenchError",
    "NoCode": "keyfob.testing.fob:NoCode",
    "PortUnavailable": "firmware_model.errors:PortUnavailable",
    "Refused": "firmware_model.errors:Refused",
    "Shadowed": "keyfob.rooms:Shadowed",
}
"""Where each public name is defined: module and name there. Imported when first used."""

__all__ = [
    "TEST_KEYS",
    "BadAnswer",
    "BadInput",
    "Bench",
    "BenchError",
    "Denied",
    "DisplayReading",
    "Fob",
    "FobBoard",
    "FobKeys",
    "FobLine",
    "FobMistakes",
    "FobState",
    "HostAnswer",
    "InUse",
    "KeyfobError",
    "LineBounds",
    "LoadReceipt",
    "Model",
    "NoAnswer",
    "NoBenchError",
    "NoCode",
    "OtpKey",
    "PortUnavailable",
    "Rack",
    "RackTime",
    "Refused",
    "ScenarioResult",
    "SeedRecord",
    "Shadowed",
    "Snapshot",
    "Station",
    "StationResult",
    "TokenSession",
    "TokenStatus",
    "Verifier",
    "__version__",
    "generate_seeds",
    "load_model",
    "model_names",
    "open_session",
    "provision",
    "read_keys",
    "read_seeds",
    "read_state",
    "run_scenarios",
    "write_seeds",
]

register()


def __getattr__(name: str) -> object:
    """Import a public name when it is first used."""
    if name == "__version__":
        from importlib import metadata

        value: object = metadata.version("keyfob")
    elif name in _HOMES:
        from importlib import import_module

        from keyfob.rooms import refuse_shadows

        refuse_shadows()
        module, _, attribute = _HOMES[name].partition(":")
        value = getattr(import_module(module), attribute)
    else:
        raise AttributeError(f"module 'keyfob' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

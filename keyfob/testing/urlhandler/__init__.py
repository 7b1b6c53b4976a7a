"""The pyserial URL handler of `fob://`, which pyserial looks up among its handler packages."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType


def register() -> None:
    """Let pyserial find this package, at once or as soon as somebody imports pyserial.

    Not by importing it: `keyfob --help` needs no serial port.
    """
    if "serial" in sys.modules:
        _add(sys.modules["serial"])
    elif not any(isinstance(finder, _WhenImported) for finder in sys.meta_path):
        sys.meta_path.insert(0, _WhenImported())


class _WhenImported:
    """Sees the import of pyserial once and adds this package when that is done."""

    def find_spec(
        self,
        name: str,
        path: object = None,  # noqa: ARG002 - importlib's
        target: object = None,  # noqa: ARG002 - importlib's
    ) -> ModuleSpec | None:
        if name != "serial":
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec  # here, because --help does not need it

        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_add(module: ModuleType) -> None:
                execute(module)
                _add(module)

            spec.loader.exec_module = execute_and_add  # type: ignore[method-assign]
        return spec


def _add(pyserial: ModuleType) -> None:
    if __name__ not in pyserial.protocol_handler_packages:
        pyserial.protocol_handler_packages.append(__name__)

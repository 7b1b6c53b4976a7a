"""Run all benchmarks, or those named: `python -m benchmarks codes life`."""

import importlib
import pkgutil
import sys

import benchmarks


def main(wanted: list[str]) -> int:
    """Run the named benchmark modules (all when none is named); each has a `main()`."""
    there = sorted(
        module.name
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if not module.name.startswith("_")
    )
    unknown = sorted(set(wanted) - set(there))
    if unknown:
        print(f"no benchmark {unknown[0]!r}: there are {', '.join(there)}", file=sys.stderr)
        return 2
    for name in wanted or there:
        print(f"== {name} ==", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
        print(flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Work the bench with PyVISA, as any other instrument: pip install pyvisa pyvisa-py."""

import sys

import pyvisa


def main(host: str, port: str) -> None:
    """Press the button of the first fob and print what its display shows."""
    manager = pyvisa.ResourceManager("@py")
    bench = manager.open_resource(
        f"TCPIP::{host}::{port}::SOCKET", read_termination="\n", write_termination="\n"
    )
    print(bench.query("*IDN?"))
    bench.write("BUTTon:PRESs 0.2")
    bench.query("*OPC?")
    print(bench.query("DISPlay:TEXT?"))
    print(bench.query("BATTery:CHARge?"), "%")
    print(bench.query("SYSTem:ERRor?"))
    bench.close()
    manager.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

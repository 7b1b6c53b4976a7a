"""What a soft token's user does with the app, through the bench (BENCH §8.1)."""

from host_tools.client.bench import BenchClient, BenchError

_TYPING = "APPLication:ACTivate"


def install_app(bench: BenchClient, device_id: str, channel: int = 1) -> None:
    """Install the app on a device; an app that is there loses its data."""
    bench.do(f"APPLication:INSTall {_quoted(device_id)},(@{channel})")


def copy_app(bench: BenchClient, device_id: str, channel: int = 1) -> None:
    """Copy the app's data to another device, and use it there."""
    bench.do(f"APPLication:COPY {_quoted(device_id)},(@{channel})")


def type_credentials(
    bench: BenchClient, service_id: str, user_id: str, start_password: str, channel: int = 1
) -> None:
    """Type service ID, user ID and start password into the app.

    Raises:
        BenchError: the bench refused it; the message does not repeat what was typed.
    """
    typed = ",".join(map(_quoted, (service_id, user_id, start_password)))
    try:
        bench.do(f"{_TYPING} {typed},(@{channel})")
    except BenchError as error:
        raise BenchError(_TYPING, error.number, "not taken") from None


def tap_entry(bench: BenchClient, entry: str, channel: int = 1) -> None:
    """Tap an entry of the app's menu: `EXTend`, `LOGin`, `STOP` or `DELete`."""
    bench.do(f"APPLication:{entry} (@{channel})")


def shift_clock(bench: BenchClient, seconds: int, channel: int = 1) -> None:
    """Set the device's clock wrong by `seconds`, forward (+) or back (-)."""
    bench.do(f"CLOCk:SHIFt {seconds},(@{channel})")


def read_device_id(bench: BenchClient, channel: int = 1) -> str:
    """Return the device the app runs on; "" where there is none."""
    return bench.query(f"APPLication:DEVice? (@{channel})").strip().strip('"')


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'

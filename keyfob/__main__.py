"""The `keyfob` command: parses, runs a verb, turns any error into one line and an exit status."""

import errno
import io
import os
import sys
import warnings

import click

from keyfob.cli.tree import ReaderLeft, VerbGroup

INTERNAL_ERROR = 70
INTERRUPTED = 130
DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)


@click.group(
    cls=VerbGroup,
    name="keyfob",
    help="Virtual one-time-password fobs on real serial ports, and the tools that work with them.",
    epilog="Each verb has its own help: keyfob VERB --help. Exit statuses: 0 done, 1"
    " rejected or not all done, 2 bad input, 3 cannot connect, 4 the fob refused, 5 in use, 70"
    " internal error, 130 interrupted.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _parameter, wanted: _print_version(context) if wanted else None,
    help="Show the version and exit.",
)
@click.option(
    "-v",
    "--verbose",
    count=True,
    help="Log to standard error: -v what happens, -vv every step. [env: KEYFOB_LOG]",
)
def cli(verbose: int) -> None:
    """Hold the verbs; start the log."""
    from keyfob.cli.log import start_log  # here, because --help logs nothing

    start_log(verbose)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status (ARCHITECTURE §4).

    Args:
        arguments: words after the command's name; those of this process if None.

    Raises:
        SystemExit: always.
    """
    if not os.environ.get("KEYFOB_DEBUG"):
        # What goes wrong while objects are cleaned up is for developers: the error was told. So are
        # Python's warnings.
        sys.unraisablehook = _log_unraisable
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
    # Closed streams (`>&-`) are None; whatever writes to them may do so in vain.
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace"
            )  # a character that the terminal lacks must not end the verb
    sys.exit(status_of(arguments))


def status_of(arguments: list[str] | None = None) -> int:
    """Run the command line, print what went wrong as one line, and return its exit status."""
    try:
        result = cli.main(arguments, prog_name="keyfob", standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, ReaderLeft):
        # As `| head` does. What is still buffered must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "keyfob"
        return _say(f"{error.format_message()} (see {path} --help)", error.exit_code)
    except click.ClickException as error:
        return _say(error.format_message(), error.exit_code)
    except Exception as error:  # noqa: BLE001 - this is the one place where errors are printed
        if isinstance(error.__cause__, KeyboardInterrupt):  # Python 3.11, within a class body
            return _say("interrupted", INTERRUPTED)
        return _explained(error)
    return result if isinstance(result, int) else 0


def _explained(error: Exception) -> int:
    if os.environ.get("KEYFOB_DEBUG"):
        import traceback

        traceback.print_exception(error)
    status = getattr(error, "exit_status", None)
    if isinstance(status, int):
        return _say(str(error), status)
    if _is_out_of_memory(error):
        return _say("not enough memory: end other programs, or raise the limit (ulimit -v)", 2)
    if _errno(error) in NO_DESCRIPTORS:
        return _say("too many open files: raise the limit (ulimit -n)", 2)
    if isinstance(error, OSError) and error.filename is not None:
        full = "disk full: cannot write " * (error.errno in DISK_IS_FULL)
        return _say(f"{full}{error.filename}: {error.strerror}", 2)
    if isinstance(error, FileNotFoundError) and "temporary directory" in str(error):
        return _say("disk full or no temporary folder: free some space, or set TMPDIR", 2)
    if _errno(error) in DISK_IS_FULL:
        return _say("disk full: cannot write the output; free some space and try again", 2)
    return _say(
        f"internal error ({type(error).__name__}): please report it with what"
        " KEYFOB_DEBUG=1 prints",
        INTERNAL_ERROR,
    )


def _log_unraisable(raised: "sys.UnraisableHookArgs") -> None:
    import logging  # here, because most verbs log nothing

    logging.getLogger("keyfob").debug("while cleaning up: %r", raised.exc_value)


def _is_out_of_memory(error: Exception) -> bool:
    # The loader of shared objects says so in words only.
    unloaded = isinstance(error, ImportError) and "failed to map segment" in str(error)
    return unloaded or isinstance(error, MemoryError) or _errno(error) == errno.ENOMEM


def _errno(error: Exception) -> int | None:
    return error.errno if isinstance(error, OSError) else None


def _print_version(context: click.Context) -> None:
    import tomllib
    from importlib import metadata
    from pathlib import Path

    try:
        version = metadata.version("keyfob")
    except metadata.PackageNotFoundError:  # a tree that was never installed
        project = Path(__file__).resolve().parents[1] / "pyproject.toml"
        version = tomllib.loads(project.read_text("utf-8"))["project"]["version"]
    click.echo(f"keyfob {version}")
    context.exit()


def _say(line: str, status: int) -> int:
    # Control characters of a file name or a peer must not reach the terminal.
    plain = "".join(c if c.isprintable() else "�" for c in " ".join(line.split()))
    click.echo(f"keyfob: {plain}", err=True)
    return status


if __name__ == "__main__":
    main()

"""The log of a verb: the logger `keyfob` on standard error, by -v, -vv or KEYFOB_LOG."""

import os

import click

VARIABLE = "KEYFOB_LOG"
LEVELS = {"error": 40, "warning": 30, "info": 20, "debug": 10}
BY_COUNT = ("warning", "info", "debug")


def start_log(verbose: int) -> None:
    """Print the log on standard error; do nothing where neither -v nor KEYFOB_LOG asks for it.

    Args:
        verbose: how often -v was given: once for what happens, twice for every step.

    Raises:
        click.UsageError: KEYFOB_LOG is not a level.
    """
    asked = os.environ.get(VARIABLE, "")
    if not verbose and not asked:
        return
    level = BY_COUNT[min(verbose, 2)] if verbose else asked.lower()
    if level not in LEVELS:
        raise click.UsageError(f"invalid {VARIABLE}={asked}: expected one of {', '.join(LEVELS)}")
    import logging  # here, because most verbs log nothing

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("keyfob")
    logger.handlers = [handler]
    logger.setLevel(LEVELS[level])
    logger.propagate = False
    logger.debug("log level %s", level)

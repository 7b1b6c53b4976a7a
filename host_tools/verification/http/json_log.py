"""The server's log: one JSON object a line on standard error, and no secret in it."""

import json
import logging
import sys
from datetime import UTC, datetime

LOGGERS = ("keyfob", "uvicorn.error")

AUDITED = "keyfob.host.vault"
"""A logger whose lines name tokens: the audit log has what they say."""


class JsonLog(logging.Formatter):
    """Writes time, level, logger and message, and what a record has as `more`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line. Of an exception its type only: its words may hold what was sent."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            **getattr(record, "more", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=True)


def log_as_json() -> None:
    """Send the server's log to standard error; not what the audit log has (docs/HTTP.md §6)."""
    # Neither is in a line, and finding both out costs as much as the rest of a record.
    logging.logThreads = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLog())
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False
    logging.getLogger(AUDITED).setLevel(logging.WARNING)

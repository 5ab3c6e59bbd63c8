"""JSON log lines, without personal data and secrets in messages of libraries."""

import json
import logging
import re
import sys
from datetime import UTC, datetime

VALUES = re.compile(
    r"\n(?:DETAIL|CONTEXT|WHERE):.*?(?=\n\[SQL:|\n\(Background|\n\nThe above exception|\n\nDuring handling|\Z)",
    re.DOTALL,
)
"""PostgreSQL's error details, which repeat the values of a row."""
PRIVATE = re.compile(r"\bcs_[0-9a-f]{8,}|[^\s@'\"(),;=]+@[^\s@'\"(),;=]+\.[^\s@'\"(),;=]+")
"""API secrets and e-mail addresses."""


class JsonFormatter(logging.Formatter):
    """Formats a log record as one line of JSON: time, level, logger, message, and the fields in ``extra["fields"]``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= fields
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def redact(text: str) -> str:
    """Return the text without personal data and secrets: for the messages of other libraries' errors."""
    return PRIVATE.sub("[private]", VALUES.sub("", text))


def error_location(error: Exception) -> str:
    """Return the class of an unexpected error and where it was raised, without its message, which may be private."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"Unexpected {type(error).__name__}{place}."


def log_to_stdout(*, propagate: bool) -> None:
    """Write the ``tuza`` loggers to standard output, unless they have a handler already."""
    root = logging.getLogger("tuza")
    if not root.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(JsonFormatter())
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        root.propagate = propagate

"""What a driver's error means, in our own words: the driver's text may hold the address, the user or the password."""

from __future__ import annotations

import re

from schema.errors import ConnectionFailed

_WORDS = {
    "BAD_URL": ("The source is not what its type says.", "Check type, path and address of the source."),
    "UNREACHABLE": (
        "No server accepts connections at this host and port.",
        "Check host and port, that the server runs, and that a firewall lets this machine through.",
    ),
    "TIMEOUT": (
        "The source did not answer in time.",
        "Check host and port, or raise PURSIGHT_SOURCE_TIMEOUT_S.",
    ),
    "CREDENTIALS": ("The source refused user or password.", "Check user and password of the source."),
    "PERMISSION": (
        "The user may not do this.",
        "Grant the user the right to connect and to read (SELECT, USAGE).",
    ),
    "NOT_FOUND": ("There is no such database or object.", "Check the spelling, also of letter case."),
    "UNKNOWN": (
        "The source answered with an error.",
        "Try the same connection with the source's own client.",
    ),
}
_FIELDS = {"CREDENTIALS": "password", "NOT_FOUND": "database", "UNREACHABLE": "host", "TIMEOUT": "host"}
_SQLSTATES = (
    ("28", "CREDENTIALS"),
    ("3D", "NOT_FOUND"),
    ("3F", "NOT_FOUND"),
    ("42P01", "NOT_FOUND"),
    ("42S02", "NOT_FOUND"),
    ("42501", "PERMISSION"),
    ("57014", "TIMEOUT"),
    ("08", "UNREACHABLE"),
    ("57P", "UNREACHABLE"),
)
_MYSQL = {
    **dict.fromkeys((1045, 1698, 1862, 1820, 2059, 2061), "CREDENTIALS"),
    **dict.fromkeys((1044, 1130, 1142, 1143, 1227, 1356, 1370), "PERMISSION"),
    **dict.fromkeys((1049, 1146), "NOT_FOUND"),
    **dict.fromkeys((1205, 1969, 3024, 1317), "TIMEOUT"),
    **dict.fromkeys((2002, 2003, 2005, 2006, 2013, 2055), "UNREACHABLE"),
    2026: "TLS",
}
# For drivers without codes, and for errors before the server could send one.
_TEXTS = (
    ("TLS", r"\bssl\b|\btls\b|certificate"),
    ("TIMEOUT", r"timed? ?out|timeout|interrupted"),
    ("CREDENTIALS", r"password|authentication|access denied|login failed|no pg_hba\.conf entry"),
    (
        "PERMISSION",
        r"permission denied|insufficient[ _](permission|privilege)s|not authorized|not permitted|read-only|disabled by configuration",
    ),
    ("NOT_FOUND", r"does not exist|unknown database|unable to open|no such (file|table|database)|not found"),
    (
        "BAD_URL",
        r"not a(n valid)? (valid )?(duckdb )?database|file is encrypted|malformed|invalid (port|dsn|connection)",
    ),
    ("UNREACHABLE", r"refused|unreachable|resolve|reset|closed|lost connection|locked|no route"),
)


def failure(error: BaseException) -> ConnectionFailed:
    """The ``ConnectionFailed`` for any error of a driver; itself if it is one."""
    if isinstance(error, ConnectionFailed):
        return error
    if isinstance(error, ImportError) or type(error).__name__ == "NoSuchModuleError":
        return missing_driver("", "")
    cause = _cause(getattr(error, "orig", None) or error)
    if cause == "TLS":
        return ConnectionFailed(
            "UNKNOWN",
            "The server and this machine could not agree on TLS.",
            "Check sslmode and sslrootcert against what the server offers.",
            path=("config", "sslmode"),
        )
    message, remedy = _WORDS[cause]
    path = ("config", _FIELDS[cause]) if cause in _FIELDS else ("config",)
    return ConnectionFailed(cause, message, remedy, path=path)


def missing_driver(dialect: str, package: str) -> ConnectionFailed:
    """The driver of a dialect is not installed; ``package`` is what pip calls it."""
    what = f"The driver for {dialect}" if dialect else "The driver"
    remedy = (
        f"pip install {package}" if package else "Install the SQLAlchemy dialect of this database with pip."
    )
    return ConnectionFailed("MISSING_DRIVER", f"{what} is not installed.", remedy)


def _cause(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "TIMEOUT"
    text = str(error).lower()
    number = error.args[0] if error.args else None
    if isinstance(number, int) and number in _MYSQL:
        late = _MYSQL[number] == "UNREACHABLE" and "timed out" in text
        return "TIMEOUT" if late else _MYSQL[number]
    state = getattr(error, "sqlstate", None) or ""
    for prefix, cause in _SQLSTATES:
        if state.startswith(prefix):
            return cause
    pgconn = getattr(error, "pgconn", None)
    if pgconn is not None and pgconn.used_password:  # says so in any language of the server
        return "NOT_FOUND" if re.search(r'database ".*" does not exist', text) else "CREDENTIALS"
    for cause, pattern in _TEXTS:
        if re.search(pattern, text):
            return cause
    return "UNREACHABLE" if isinstance(error, OSError) else "UNKNOWN"

"""What is no SQL in a text: templates that nobody filled, and lines for the client. Replaced so that no place moves."""

from __future__ import annotations

import re

_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\$\{[^{}]*\}", re.DOTALL)
_REFERENCE = re.compile(
    r"\{\{-?\s*(?:ref|source)\(\s*(?:['\"](\w+)['\"]\s*,\s*)?['\"](\w+)['\"]\s*\)\s*-?\}\}"
)
_DELIMITER = re.compile(r"^[ \t]*DELIMITER[ \t]+(\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE)


def plain_delimiters(sql: str) -> str:
    """The mysql client's ``DELIMITER //`` lines as blanks, and the delimiters they set as semicolons; no place moves."""
    found = list(_DELIMITER.finditer(sql))
    parts = [sql[: found[0].start()]] if found else [sql]
    for i, match in enumerate(found):
        end = found[i + 1].start() if i + 1 < len(found) else len(sql)
        delimiter, text = match.group(1), sql[match.end() : end]
        parts.append(" " * len(match.group(0)))
        parts.append(text.replace(delimiter, ";".ljust(len(delimiter))))
    return "".join(parts)


def plain_templates(sql: str) -> tuple[str, list[int]]:
    """Templates (``{{ x }}``, ``{% x %}``, ``${x}``) that nobody filled, as names of underscores and blanks; no place moves.

    ``{{ ref('x') }}`` and ``{{ source('s', 'x') }}`` are ``x`` and ``s.x``. Also where the templates were.
    """
    if "{{" not in sql and "{%" not in sql and "${" not in sql:
        return sql, []
    return _TEMPLATE.sub(_plain, sql), [found.start() for found in _TEMPLATE.finditer(sql)]


def _plain(found: re.Match[str]) -> str:
    text = found[0]
    named = _REFERENCE.fullmatch(text)
    if named:
        return ".".join(part for part in named.groups() if part).ljust(len(text))
    if text.startswith(("{%", "{#")):
        return re.sub(r"[^\n]", " ", text)
    lines = text.count("\n")
    return "_" * (len(text) - lines) + "\n" * lines

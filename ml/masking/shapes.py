"""Values in part: enough to recognise one that is known already, too little to learn one that is not."""

from __future__ import annotations

import re
from collections.abc import Callable

_MAIL = re.compile(r"([^@\s]+)@([^@\s.]+)((?:\.[^@\s.]+)*)(\.[^@\s.]+)")
_WORD = re.compile(r"[^\W\d_](?:[^\W_]|['’.\-](?=\w))*")
_SHORT = 3  # characters of which nothing is left
HIDDEN = "***"


def partial(kind: str, category: str, text: str) -> str:
    """What is left of ``text``, a value of a classification. A text of another shape than that has is hidden whole."""
    shape = _SHAPES.get(kind) or _OF_CATEGORY.get(category)
    if shape is None or not text.strip():
        return HIDDEN if text else text
    return shape(text.strip())


def mail(text: str) -> str:
    """``ada@example.org`` as ``a***@e***.org``."""
    found = _MAIL.fullmatch(text)
    if found is None:
        return HIDDEN
    local, domain, _, top = found.groups()
    return f"{_initial(local)}@{_initial(domain)}{top if len(top) <= 7 else '.' + HIDDEN}"


def names(text: str) -> str:
    """``Ada Lovelace`` as ``A*** L***``: initials of at most four words."""
    words = _WORD.findall(text)
    if not 0 < len(words) <= 4 or any(each.isdigit() for each in text):
        return HIDDEN
    return " ".join(_initial(word) for word in words)


def ending(most: int, fewest: int) -> Callable[[str], str]:
    """All but the last ``most`` digits starred, of texts with at least ``fewest`` digits; other marks stay, letters do not."""

    def shape(text: str) -> str:
        digits = sum(each.isdigit() for each in text)
        if digits < fewest or any(each.isalpha() for each in text):
            return HIDDEN
        hidden, out = digits - most, []
        for each in text:
            if each.isdigit() and hidden > 0:
                hidden -= 1
                each = "*"
            out.append(each)
        return "".join(out)

    return shape


def account(text: str) -> str:
    """An IBAN by its country and its last four characters."""
    bare = re.sub(r"[\s-]", "", text)
    if len(bare) < 12 or not bare.isalnum():
        return HIDDEN
    return f"{bare[:2] if bare[:2].isalpha() else ''}{HIDDEN}{bare[-4:]}"


def year(text: str) -> str:
    """The year of a date that begins with it."""
    found = re.match(r"(\d{4})-\d\d-\d\d", text)
    return f"{found[1]}-**-**" if found else HIDDEN


def network(text: str) -> str:
    """The first two parts of an IPv4 address."""
    parts = text.split(".")
    return f"{parts[0]}.{parts[1]}.*.*" if len(parts) == 4 and all(map(str.isdigit, parts)) else HIDDEN


def _initial(word: str) -> str:
    return f"{word[0]}{HIDDEN}" if len(word) >= _SHORT else HIDDEN


_SHAPES: dict[str, Callable[[str], str]] = {
    "EMAIL": mail,
    "PERSON": names,
    "RELATIVE_NAME": names,
    "MAIDEN_NAME": names,
    "PHONE": ending(2, 6),
    "CREDIT_CARD": ending(4, 12),  # PCI DSS 3.4.1 allows the first six besides, which are not needed
    "IBAN": account,
    "BANK_ACCOUNT": ending(4, 8),
    "BIRTH_DATE": year,
    "DEATH_DATE": year,
    "IP_ADDRESS": network,
}
_OF_CATEGORY: dict[str, Callable[[str], str]] = {"NATIONAL_IDENTIFIER": ending(2, 8)}

"""Validators by name: check digits and inner dates that a pattern cannot express.

``stdnum:<module>`` asks python-stdnum about the letters and digits, ``phone`` or ``phone:<region>`` libphonenumber;
the others are functions here and in ``ml.classify.national``. A check sees only text that its pattern accepted.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from functools import cache
from importlib import import_module

from stdnum import iban, luhn

from ml.classify.national import NATIONAL, Check, compact
from schema.errors import InvalidInput

COSTLY = frozenset({"phone"})  # 0.1 ms a value and more: the engine asks about fewer values


def _several(text: str) -> bool:
    """Not one character over and over: what people type to fill a field."""
    return len(set(compact(text))) > 1


def _luhn(text: str) -> bool:
    return _several(text) and luhn.is_valid(compact(text))


def _iban(text: str) -> bool:
    """ISO 13616: length by country and ISO 7064 check digits; national inner digits are not asked for."""
    return bool(iban.is_valid(text, check_country=False))


def _ip(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


def _mac(text: str) -> bool:
    return set(compact(text)) not in ({"0"}, {"F"})


def _geo(text: str) -> bool:
    """Two numbers that can be latitude and longitude, in any order."""
    numbers = [abs(float(number)) for number in re.findall(r"\d+(?:\.\d+)?", text)]
    return len(numbers) == 2 and max(numbers) <= 180 and min(numbers) <= 90


def _past_date(text: str) -> bool:
    """A day in the life of somebody who may be alive."""
    years = re.findall(r"\d{4}", text)
    return not years or date.today().year - 120 <= int(years[0]) <= date.today().year


def _bic(text: str) -> bool:
    """ISO 9362: the fifth and sixth letter name a country."""
    from phonenumbers import SUPPORTED_REGIONS

    return text[4:6].upper() in SUPPORTED_REGIONS


def _icao(text: str) -> bool:
    """Check digit of machine-readable documents (ICAO Doc 9303-3, 4.9): weights 7, 3, 1, last character."""
    body = compact(text)
    total = sum(int(char, 36) * (7, 3, 1)[i % 3] for i, char in enumerate(body[:-1]))
    return body[-1:].isdecimal() and total % 10 == int(body[-1])


_VIN_VALUES = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", (*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True))  # fmt: skip
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _vin(text: str) -> bool:
    """The check digit that North America requires (49 CFR 565.15)."""
    body = text.upper()
    total = sum(_VIN_VALUES[char] * weight for char, weight in zip(body, _VIN_WEIGHTS, strict=True))
    return _several(text) and "0123456789X"[total % 11] == body[8]


_LOCAL: dict[str, Check] = {
    **NATIONAL, "bic": _bic, "geo": _geo, "iban": _iban, "icao": _icao, "ip": _ip, "luhn": _luhn, "mac": _mac, "past_date": _past_date,
    "several": _several, "vin": _vin,
}  # fmt: skip


def _stdnum(module: str) -> Check:
    try:
        valid: Check = import_module(f"stdnum.{module}").is_valid
    except (ImportError, AttributeError):
        raise InvalidInput(
            f"python-stdnum has no number {module!r}.",
            path=("values", "check"),
            remedy="See its module index.",
        ) from None
    return lambda text: _several(text) and (valid(text) or valid(compact(text)))


def _phone(region: str | None) -> Check:
    def valid(text: str) -> bool:
        import phonenumbers

        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            return False
        return bool(
            phonenumbers.is_possible_number(number)
            if region is None
            else phonenumbers.is_valid_number(number)
        )

    return valid


@cache
def check(name: str) -> Check:
    """The validator of that name; raises ``InvalidInput`` where there is none."""
    kind, _, argument = name.partition(":")
    if kind == "stdnum":
        return _stdnum(argument)
    if kind == "phone":
        return _phone(argument or None)
    if name not in _LOCAL:
        raise InvalidInput(
            f"There is no check {name!r}.",
            path=("values", "check"),
            remedy="Known: " + ", ".join(sorted(_LOCAL)),
        )
    return _LOCAL[name]

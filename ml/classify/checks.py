"""Validators by name: check digits and inner dates that a pattern cannot express.

``stdnum:<module>`` asks python-stdnum, ``phone`` or ``phone:<region>`` libphonenumber; the rest are functions here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from importlib import import_module

from schema.errors import InvalidInput

Check = Callable[[str], bool]
COSTLY = frozenset({"phone"})  # 0.1 ms a value and more: the engine asks these about fewer values


def _digits(text: str) -> list[int]:
    return [int(char) for char in text if char.isdecimal()]


def _alnum(text: str) -> str:
    return re.sub(r"[\W_]", "", text).upper()


def _luhn(text: str) -> bool:
    digits = _digits(text)
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _ip(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


def _mac(text: str) -> bool:
    return set(_alnum(text)) not in ({"0"}, {"F"})


def _geo(text: str) -> bool:
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]
    return len(numbers) == 2 and max(map(abs, numbers)) <= 180 and min(map(abs, numbers)) <= 90


def _past_date(text: str) -> bool:
    """A day in the life of somebody who may be alive."""
    years = [int(year) for year in re.findall(r"\d{4}", text)]
    return not years or date.today().year - 120 <= years[0] <= date.today().year


def _weighted(weights: tuple[int, ...], modulus: int, at: int, text: str) -> bool:
    """Sum of digit times weight, modulo ``modulus``, equals the digit at ``at``."""
    digits = _digits(text)
    return (
        len(digits) > at and sum(d * w for d, w in zip(digits, weights, strict=False)) % modulus == digits[at]
    )


def _icao(text: str) -> bool:
    """Check digit of machine-readable documents (ICAO Doc 9303-3, 4.9): weights 7, 3, 1, last character."""
    body = _alnum(text)
    return body[-1:].isdecimal() and sum(
        int(c, 36) * (7, 3, 1)[i % 3] for i, c in enumerate(body[:-1])
    ) % 10 == int(body[-1])


def _digit_sums(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(sum(divmod(digit * weight, 10)) for digit, weight in zip(digits, weights, strict=False))


def _de_kvnr(text: str) -> bool:
    """German health insurance number: the letter as two digits, weights 1 and 2, digit sums."""
    body = _alnum(text)
    digits = [*divmod(ord(body[0]) - 64, 10), *_digits(body[1:])]
    return _digit_sums(digits[:10], (1, 2) * 5) % 10 == digits[10]


def _de_rvnr(text: str) -> bool:
    """German pension insurance number: area, birth date, letter as two digits; VKVV § 4."""
    body = _alnum(text)
    digits = [*_digits(body[:8]), *divmod(ord(body[8]) - 64, 10), *_digits(body[9:])]
    day, month = int(body[2:4]), int(body[4:6])
    if not (1 <= day <= 31 or 51 <= day <= 81) or not 0 <= month <= 12:
        return False
    return _digit_sums(digits[:11], (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)) % 10 == digits[11]


def _de_lanr(text: str) -> bool:
    digits = _digits(text)
    return (-sum(d * w for d, w in zip(digits, (4, 9) * 3, strict=False))) % 10 == digits[6]


def _npi(text: str) -> bool:
    """US national provider identifier: Luhn with the prefix 80840."""
    return len(set(text)) > 2 and _luhn("80840" + "".join(map(str, _digits(text))))


def _dea(text: str) -> bool:
    d = _digits(text)
    return len(d) == 7 and (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def _vin(text: str) -> bool:
    """ISO 3779 check digit as North America requires it."""
    values = {
        **{str(d): d for d in range(10)},
        **dict(
            zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
        ),
    }
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    body = text.upper()
    return "0123456789X"[sum(values[c] * w for c, w in zip(body, weights, strict=True)) % 11] == body[8]


def _kr_frn(text: str) -> bool:
    """Korean foreigner registration: a date of birth, then a digit from 5 to 8."""
    digits = _digits(text)
    return 1 <= digits[2] * 10 + digits[3] <= 12 and 1 <= digits[4] * 10 + digits[5] <= 31


def _es_dni(text: str) -> bool:
    return _stdnum("es.dni")(_alnum(text).zfill(9))


def _de_vat(text: str) -> bool:
    return _stdnum("de.vat")("".join(map(str, _digits(text))))


def _it_iva(text: str) -> bool:
    return bool(set(_digits(text)) - {0, 1}) and _stdnum("it.iva")(text)


def _th_tnin(text: str) -> bool:
    """Thai identity number: a province from 10 to 96, and the check digit."""
    return 10 <= int(_alnum(text)[1:3]) <= 96 and _stdnum("th.pin")(text)


def _several(text: str) -> bool:
    """Not one character over and over: what people type to fill a field."""
    return len(set(_alnum(text))) > 1


_LOCAL: dict[str, Check] = {
    "luhn": _luhn, "ip": _ip, "mac": _mac, "geo": _geo, "past_date": _past_date, "icao": _icao, "de_kvnr": _de_kvnr,
    "de_rvnr": _de_rvnr, "de_lanr": _de_lanr, "npi": _npi, "dea": _dea, "vin": _vin, "kr_frn": _kr_frn,
    "several": _several, "es_dni": _es_dni, "de_vat": _de_vat, "it_iva": _it_iva, "th_tnin": _th_tnin,
    "au_medicare": lambda text: _weighted((1, 3, 7, 9, 1, 3, 7, 9), 10, 8, text),
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
    return valid


def _phone(region: str | None) -> Check:
    def check(text: str) -> bool:
        import phonenumbers

        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            return False
        return (
            phonenumbers.is_possible_number(number)
            if region is None
            else phonenumbers.is_valid_number(number)
        )

    return check


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

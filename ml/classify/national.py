"""Check digits of national numbers that python-stdnum lacks, or reads more strictly than the numbers in use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from stdnum import bitcoin, luhn
from stdnum.de import vat
from stdnum.es import dni
from stdnum.iso7064 import mod_11_10
from stdnum.it import iva
from stdnum.th import pin

Check = Callable[[str], bool]


def digits_of(text: str) -> list[int]:
    """The decimal digits of a text."""
    return [int(char) for char in text if char.isdecimal()]


def compact(text: str) -> str:
    """Letters and digits alone, in capitals."""
    return re.sub(r"[\W_]", "", text).upper()


def _dot(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


def _digit_sums(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(sum(divmod(digit * weight, 10)) for digit, weight in zip(digits, weights, strict=False))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _au_medicare(text: str) -> bool:
    digits = digits_of(text)
    return _dot(digits[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == digits[8]


def _bitcoin(text: str) -> bool:
    return bitcoin.is_valid(text) or _bech32m(text.lower())


def _bech32m(text: str) -> bool:
    """Checksum of taproot addresses (BIP 350)."""
    if not text.startswith("bc1p"):
        return False
    values = [3, 3, 0, 2, 3, *("qpzry9x8gf2tvdw0s3jn54khce6mua7l".find(char) for char in text[3:])]
    state = 1
    for value in values:
        top, state = state >> 25, (state & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            state ^= generator if top >> bit & 1 else 0
    return -1 not in values and state == 0x2BC830A3


def _de_idnr(text: str) -> bool:
    """German tax number (IdNr): ISO 7064 mod 11,10; no digit more than three times in the first ten."""
    body = compact(text)
    return max(Counter(body[:10]).values()) <= 3 and mod_11_10.is_valid(body)


def _de_kvnr(text: str) -> bool:
    """German health insurance number: the letter as two digits, weights 1 and 2, digit sums."""
    body = compact(text)
    digits = [*divmod(ord(body[0]) - 64, 10), *digits_of(body[1:])]
    return _digit_sums(digits[:10], (1, 2) * 5) % 10 == digits[10]


def _de_lanr(text: str) -> bool:
    digits = digits_of(text)
    return -_dot(digits[:6], (4, 9) * 3) % 10 == digits[6]


def _de_rvnr(text: str) -> bool:
    """German pension insurance number: area, birth date, letter as two digits (VKVV, section 4)."""
    body = compact(text)
    digits = [*digits_of(body[:8]), *divmod(ord(body[8]) - 64, 10), *digits_of(body[9:])]
    day, month = int(body[2:4]), int(body[4:6])
    if not (1 <= day <= 31 or 51 <= day <= 81) or not 1 <= month <= 12:
        return False
    return _digit_sums(digits[:12], (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)) % 10 == digits[12]


def _de_vat(text: str) -> bool:
    return bool(vat.is_valid("".join(map(str, digits_of(text)))))


def _es_dni(text: str) -> bool:
    return bool(dni.is_valid(compact(text).zfill(9)))


def _fi_hetu(text: str) -> bool:
    """Finnish identity code with the separators of 2023; numbers from 900 are issued temporarily."""
    body = text.upper()
    day, month, year = int(body[:2]), int(body[2:4]), int(body[4:6])
    century = 1800 if body[6] == "+" else 2000 if body[6] in "ABCDEF" else 1900
    control = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(body[:6] + body[7:10]) % 31]
    return _is_day(century + year, month, day) and body[10] == control


def _it_iva(text: str) -> bool:
    return sum(digits_of(text)[:7]) > 0 and iva.is_valid(text)


def _kr_brn(text: str) -> bool:
    digits = digits_of(text)
    total = _dot(digits[:9], (1, 3, 7, 1, 3, 7, 1, 3, 5)) + digits[8] * 5 // 10
    return -total % 10 == digits[9]


def _kr_rrn(text: str) -> bool:
    """Korean registration number: the date of birth; since 2020 the other digits are random."""
    digits = digits_of(text)
    year, month, day = (digits[i] * 10 + digits[i + 1] for i in (0, 2, 4))
    return _is_day((2000 if digits[6] in (3, 4, 7, 8) else 1900) + year, month, day)


def _th_tnin(text: str) -> bool:
    """Thai identity number: a province from 10 to 96, and the check digit."""
    return 10 <= int(compact(text)[1:3]) <= 96 and pin.is_valid(text)


def _us_npi(text: str) -> bool:
    """US national provider identifier: Luhn with the prefix 80840."""
    return len(set(compact(text))) > 2 and luhn.is_valid("80840" + compact(text))


def _us_dea(text: str) -> bool:
    d = digits_of(text)
    return len(d) == 7 and (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def _za_idnr(text: str) -> bool:
    """South African identity number: date of birth, citizenship 0 to 2, Luhn."""
    body = compact(text)
    year, month, day = int(body[:2]), int(body[2:4]), int(body[4:6])
    return (_is_day(1900 + year, month, day) or _is_day(2000 + year, month, day)) and luhn.is_valid(body)


NATIONAL: dict[str, Check] = {
    "au_medicare": _au_medicare, "bitcoin": _bitcoin, "de_idnr": _de_idnr, "de_kvnr": _de_kvnr, "de_lanr": _de_lanr,
    "de_rvnr": _de_rvnr, "de_vat": _de_vat, "es_dni": _es_dni, "fi_hetu": _fi_hetu, "it_iva": _it_iva,
    "kr_brn": _kr_brn, "kr_rrn": _kr_rrn, "th_tnin": _th_tnin, "us_dea": _us_dea, "us_npi": _us_npi,
    "za_idnr": _za_idnr,
}  # fmt: skip

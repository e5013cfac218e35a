"""A column as words for the trained model: what its name, table, neighbours, type and values look like, and no value.

Every word has a prefix that says what it tells: ``n=`` a word of the name, ``l=`` its last, ``g=`` a part of it, ``t=`` a word of the
table, ``a=`` what rules found in neighbours, ``m=`` a word of the comment, ``k=`` the data type, ``v=`` a figure of the values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

from ml.classify.lexicon import Lexicon, folded, lexicon, people
from ml.classify.values import spread
from ml.classify.words import people_table, written_out

VERSION = 1  # of the words: a model that was trained on others is of no use
UNKNOWN = "v:none"
READ = 60  # values; more change no figure by much
LONGEST = 120  # characters of a value that are read
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_DATE = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?: .*)?|(\d{4})(\d{2})(\d{2})"
)
_PIVOT = 30  # years of two digits up to here are of this century
_SHARES = (0.02, 0.15, 0.35, 0.55, 0.75, 0.95)


def features(
    table: str,
    name: str,
    comment: str | None,
    kind: str,
    valued: Sequence[str],
    around: Collection[str] = (),
) -> list[str]:
    """Distinct features, in a fixed order; ``valued`` is what ``figures`` gave, ``around`` are labels of neighbours."""
    return described(table, name, comment, told(kind, valued, around))


def told(kind: str, valued: Sequence[str], around: Collection[str] = ()) -> list[str]:
    """The features that no name gives: labels of neighbours, the data type, figures of the values."""
    return [*(f"a={label}" for label in sorted(around)), f"k={kind}", *valued]


def described(table: str, name: str, comment: str | None, others: Sequence[str]) -> list[str]:
    """The features of these names and of what ``told`` gave."""
    words = written_out(name)
    found = dict.fromkeys(_named(words))
    found.update(dict.fromkeys(f"t={word}" for word in written_out(table)[:6]))
    if people_table(table):
        found["t:people"] = None
    found.update(dict.fromkeys(word for word in others if word.startswith("a=")))
    found.update(dict.fromkeys(f"m={word}" for word in written_out(comment or "")[:12]))
    for kind in (word for word in others if word.startswith("k=")):
        found[kind] = None
        if words:
            found[f"l={words[-1]}|{kind[2:]}"] = None
    found.update(dict.fromkeys(word for word in others if not word.startswith(("a=", "k="))))
    return list(found)


def unvalued(words: Sequence[str]) -> list[str]:
    """The same column before anybody saw its values."""
    return [*(word for word in words if not word.startswith(("v=", "v:"))), UNKNOWN]


def known_share(label: str, texts: Sequence[str]) -> float:
    """The share of values that the lexicon knows as what the classification is about, 0 to 1."""
    known, sample, held = lexicon(), spread(texts, READ), 0
    for text in sample:
        words = _WORD.findall(folded(text[:LONGEST]))
        if label == "PERSON":
            held += any(word in people() for word in words) and len(words) < 6
        elif label == "ADDRESS":
            held += any(word in known.street for word in words) or any(char.isdigit() for char in text)
        else:
            place = _WORD.findall(folded(text[:LONGEST].partition(",")[0]))  # the city of "Lyon, France"
            held += " ".join(place) in known.place
    return held / max(len(sample), 1)


def _named(words: Sequence[str]) -> list[str]:
    if not words:
        return ["n:none"]
    joined = "".join(word for word in words if not word.isdigit())
    marked = f"^{joined}$"
    return [
        *(f"n={word}" for word in words),
        f"l={words[-1]}",
        f"f={words[0]}",
        *(f"b={a}_{b}" for a, b in pairwise(words)),
        f"w={joined}",
        f"n:{min(len(words), 4)}",
        *(f"g={marked[at : at + size]}" for size in (3, 4, 5) for at in range(len(marked) - size + 1)),
    ]


def _share(part: float) -> str:
    """A share as one of seven steps, 0 for none and 6 for nearly all."""
    return str(sum(part >= limit for limit in _SHARES))


def _steps(label: str, part: float) -> list[str]:
    """A share as a ladder, so that more says at least what less says."""
    level = int(_share(part))
    return [f"v={label}>{step}" for step in range(1, level + 1)] or [f"v={label}:0"]


def _size(number: float) -> str:
    """A magnitude: 0, or its digits and whether it is in their upper half."""
    whole = int(abs(number))
    text = str(whole)
    return f"{len(text)}{'h' if text[0] >= '5' else 'l'}" if whole else "0"


def _shape(text: str) -> str:
    out: list[str] = []
    for token in re.findall(r"[^\W\d_]+|\d+|\s+|[\W_]", text[:LONGEST]):
        if token.isdigit():
            part = "9" if len(token) > 4 else "9" * len(token)
        elif token.isspace():
            part = "_"
        elif token.isalnum():  # digits that are no decimals stand with letters: "B²"
            part = "Aa" if token[0].isupper() and token[1:].islower() else "A" if token.isupper() else "a"
        else:
            part = token
        out.append(part)
    return "".join(out[:9])


def figures(texts: Sequence[str], rows: int) -> list[str]:
    """The features of the distinct values ``texts`` of ``rows`` filled rows."""
    if not texts:
        return [UNKNOWN]
    sample = [text[:LONGEST] for text in spread(texts, READ)]
    count = len(sample)
    lengths = [len(text) for text in sample]
    mean = sum(lengths) / count
    found = [
        f"v=distinct:{_size(len(texts))}",
        *_steps("unique", len(texts) / max(rows, 1)),
        f"v=length:{min(int(mean / 3), 12)}",
    ]
    if count > 2 and min(lengths) == max(lengths):
        found.append(f"v=fixed:{min(lengths[0], 40)}")
    shapes = Counter(map(_shape, sample))
    for shape, times in sorted(shapes.items(), key=lambda item: (-item[1], item[0]))[:3]:
        if times > 1 or count < 4:
            found.append(f"v=shape:{shape}:{_share(times / count)}")
    joined = "".join(sample)
    for label, chars in (
        ("digits", sum(map(str.isdigit, joined))),
        ("letters", sum(map(str.isalpha, joined))),
        ("upper", sum(map(str.isupper, joined))),
        ("space", joined.count(" ")),
    ):
        found += _steps(label, chars / max(len(joined), 1))
    found += _numbers(sample) + _dates(sample) + _worded(sample, lexicon())
    for label, mark in (
        ("at", "@"),
        ("comma", ","),
        ("dot", "."),
        ("slash", "/"),
        ("dash", "-"),
        ("plus", "+"),
        ("under", "_"),
        ("amp", "&"),
    ):
        if share := sum(mark in text for text in sample) / count:
            found.append(f"v={label}:{_share(share)}")
    return found


def _numbers(sample: Sequence[str]) -> list[str]:
    numbers = [float(text) for text in sample if len(text) < 25 and _NUMBER.fullmatch(text)]
    found = _steps("number", len(numbers) / len(sample))
    if len(numbers) * 2 < len(sample):
        return found
    low, high = min(numbers), max(numbers)
    found += [f"v=low:{_size(low)}", f"v=high:{_size(high)}"]
    if low < 0:
        found.append("v=negative")
    whole = all(number.is_integer() for number in numbers)
    found.append("v=whole" if whole else "v=broken")
    if whole and low > 99:
        for unit in (10, 100, 500):
            if sum(number % unit == 0 for number in numbers) >= 0.8 * len(numbers):
                found.append(f"v=round:{unit}")
    if whole and 1900 <= low <= high <= 2100:
        found.append("v=year")
    if whole and 0 <= low <= high <= 120:
        found.append("v=age:adult" if low >= 14 and high >= 30 else "v=age")
    if whole and len(numbers) > 3 and sorted(numbers) == list(range(int(low), int(low) + len(numbers))):
        found.append("v=sequence")
    if not whole and low >= -180 and high <= 180:
        places = [len(text.partition(".")[2]) for text in sample if "." in text]
        if places and sorted(places)[len(places) // 2] >= 4:
            found.append("v=degrees:90" if max(abs(low), abs(high)) <= 90 else "v=degrees:180")
    return found


def _year(text: str) -> int | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    four, _, _, first, second, last, packed, month, day = match.groups()
    if packed and not (1850 < int(packed) < 2100 and 1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    if first and max(int(first), int(second)) > 31:
        return None
    year = int(four or packed or last)
    return year if year > 99 else year + (2000 if year <= _PIVOT else 1900)


def _dates(sample: Sequence[str]) -> list[str]:
    years = sorted(year for year in map(_year, sample) if year is not None)
    found = _steps("date", len(years) / len(sample))
    if len(years) * 2 < len(sample):
        return found
    low, middle, high = years[len(years) // 20], years[len(years) // 2], years[-1 - len(years) // 20]
    found += [f"v=from:{low // 10}", f"v=median:{middle // 10}", f"v=until:{high // 10}"]
    span = high - low
    found.append(
        f"v=span:{'0' if span < 3 else '3' if span < 10 else '10' if span < 25 else '25' if span < 80 else '80'}"
    )
    if sum(" " in text or "T" in text for text in sample) > len(sample) / 2:
        found.append("v=hours")
    return found


def _worded(sample: Sequence[str], known: Lexicon) -> list[str]:
    split = [_WORD.findall(folded(text)) for text in sample]
    worded = [words for words in split if words]
    count = len(sample)
    if not worded:
        return ["v:wordless"]
    per = sum(map(len, worded)) / len(worded)
    found = [f"v=words:{min(round(per), 8)}"]
    # Words that are also plain English prove little: "will", "may", "grace".
    for label, share in (
        ("given", sum(any(w in known.given and w not in known.thing for w in ws) for ws in worded)),
        ("surname", sum(any(w in known.surname and w not in known.thing for w in ws) for ws in worded)),
        ("person", sum(len(ws) > 1 and sum(w in known.given or w in known.surname for w in ws) >= 2 and any(w in known.given for w in ws) for ws in worded)),
        ("allnames", sum(all(w in known.given or w in known.surname or len(w) < 3 for w in ws) for ws in worded)),
        ("place", sum(" ".join(ws) in known.place for ws in worded)),
        ("street", sum(any(w in known.street or w.endswith(("strasse", "straße", "straat", "gatan", "vagen", "gasse", "allee")) for w in ws) for ws in worded)),
        ("company", sum(any(w in known.company for w in ws) for ws in worded)),
        ("thing", sum(any(w in known.thing for w in ws) for ws in worded)),
    ):  # fmt: skip
        found += _steps(label, share / count)
    found += _steps("titled", sum(text[:1].isupper() for text in sample) / count)
    return found

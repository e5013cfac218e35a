"""Values for columns whose schema is known and whose rows are not: a recipe and a seed give the same hundred each time.

The recipes share no code and no lists with the classifier; ``known_schemas.psv`` says which column takes which.
"""

from __future__ import annotations

import hashlib
import random
import string
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.ml.classify.generated import card, digits, iban

ROWS = 100
FIRST = [
    "Oliver",
    "Amelia",
    "Jack",
    "Isla",
    "Harry",
    "Freya",
    "Mohammed",
    "Aaliyah",
    "Jamal",
    "Keisha",
    "Tyrone",
    "Siobhan",
    "Callum",
    "Niamh",
    "Rohan",
    "Ananya",
    "Vikram",
    "Meera",
    "Chen",
    "Xiu",
    "Haruto",
    "Aoi",
    "Minjun",
    "Seoyeon",
    "Nguyen",
    "Linh",
    "Mateo",
    "Valentina",
    "Thiago",
    "Camila",
    "Luca",
    "Giulia",
    "Matteo",
    "Chiara",
    "Lukas",
    "Hannah",
    "Felix",
    "Lena",
    "Louis",
    "Chloé",
    "Jules",
    "Manon",
    "Sem",
    "Julia",
    "Daan",
    "Tess",
    "Jakub",
    "Zuzanna",
    "Mehmet",
    "Elif",
    "Ivan",
    "Daria",
    "Andrei",
    "Ioana",
    "Nikos",
    "Eleni",
    "Kwame",
    "Ama",
    "Chidi",
    "Ngozi",
    "Tariq",
    "Layla",
    "Yusuf",
    "Noor",
    "Erik",
    "Astrid",
    "Mikko",
    "Aino",
]
LAST = [
    "Smith",
    "Jones",
    "Taylor",
    "Brown",
    "Williams",
    "Evans",
    "Walker",
    "Hughes",
    "Patel",
    "Khan",
    "Singh",
    "Sharma",
    "Wang",
    "Zhang",
    "Liu",
    "Tanaka",
    "Suzuki",
    "Kim",
    "Park",
    "Tran",
    "Garcia",
    "Martinez",
    "Silva",
    "Santos",
    "Rossi",
    "Bianchi",
    "Russo",
    "Müller",
    "Schmidt",
    "Fischer",
    "Weber",
    "Dubois",
    "Lefebvre",
    "Moreau",
    "Jansen",
    "Bakker",
    "Kowalski",
    "Nowak",
    "Yilmaz",
    "Kaya",
    "Ivanov",
    "Popescu",
    "Papadopoulos",
    "Mensah",
    "Okafor",
    "Hassan",
    "Haddad",
    "Larsson",
    "Korhonen",
    "Nielsen",
    "O'Neill",
    "McCarthy",
    "Fitzgerald",
    "Whitmore",
    "Abernathy",
    "Kilback",
    "Schoenherr",
    "Von",
]
CITIES = [
    "Springfield",
    "Franklin",
    "Greenville",
    "Bristol",
    "Clinton",
    "Salem",
    "Madison",
    "Georgetown",
    "Arlington",
    "Ashland",
    "Dover",
    "Manchester",
    "Oxford",
    "Jackson",
    "Burlington",
    "Milton",
    "Newport",
    "Auburn",
    "Dayton",
    "Lexington",
    "Milford",
    "Winchester",
    "Hudson",
    "Kingston",
    "Riverside",
    "Orient",
    "Louisburg",
    "Achille",
    "Fulton",
    "Breesport",
]
STATES = [
    "AL",
    "AK",
    "AZ",
    "AR",
    "CA",
    "CO",
    "CT",
    "DE",
    "FL",
    "GA",
    "HI",
    "ID",
    "IL",
    "IN",
    "IA",
    "KS",
    "KY",
    "LA",
    "ME",
    "MD",
    "MA",
    "MI",
    "MN",
    "MS",
    "MO",
    "MT",
    "NE",
    "NV",
    "NH",
    "NJ",
    "NM",
    "NY",
    "NC",
    "ND",
    "OH",
    "OK",
    "OR",
    "PA",
    "RI",
    "SC",
    "SD",
    "TN",
    "TX",
    "UT",
    "VT",
    "VA",
    "WA",
    "WV",
    "WI",
    "WY",
]
STREETS = [
    "Oak",
    "Maple",
    "Cedar",
    "Park",
    "Washington",
    "Lake",
    "Hill",
    "Walnut",
    "Spring",
    "North",
    "Ridge",
    "Church",
    "Willow",
    "Meadow",
]
KINDS = ("Street", "Avenue", "Road", "Lane", "Drive", "St", "Ave", "Rd", "Court Apt. 3", "Blvd Suite 210")
WORDS = [
    "silver",
    "morning",
    "engine",
    "border",
    "winter",
    "garden",
    "signal",
    "market",
    "violet",
    "bridge",
    "summer",
    "copper",
    "station",
    "ladder",
    "river",
    "orchard",
    "cotton",
    "marble",
    "thunder",
    "paper",
]
MAILS = ("gmail.com", "yahoo.com", "hotmail.co.uk", "example.org", "web.de", "outlook.com")


def _date(chance: random.Random, low: int, high: int, form: str) -> str:
    year, month, day = chance.randint(low, high), chance.randint(1, 12), chance.randint(1, 28)
    clock = f"{chance.randint(0, 23):02d}:{chance.randint(0, 59):02d}:{chance.randint(0, 59):02d}"
    return {
        "date": f"{year}-{month:02d}-{day:02d}", "dmy": f"{day:02d}.{month:02d}.{year}", "mdy": f"{month}/{day}/{year}",
        "ts": f"{year}-{month:02d}-{day:02d} {clock}",
    }[form]  # fmt: skip


def _coded(chance: random.Random, pattern: str) -> str:
    return "".join(
        chance.choice(string.digits) if c == "9" else chance.choice(string.ascii_uppercase) if c == "A" else c
        for c in pattern
    )


def _email(chance: random.Random) -> str:
    first, last = (
        chance.choice(names).lower().encode("ascii", "ignore").decode().replace("'", "")
        for names in (FIRST, LAST)
    )
    return f"{first}{chance.choice(('.', '_', ''))}{last}{chance.choice(('', str(chance.randint(1, 99))))}@{chance.choice(MAILS)}"


def _street(chance: random.Random) -> str:
    return f"{chance.randint(1, 9999)} {chance.choice(STREETS)} {chance.choice(KINDS)}"


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(6, 14))).capitalize() + "."


_MAKERS: dict[str, Callable[[random.Random], str]] = {
    "first": lambda c: c.choice(FIRST), "last": lambda c: c.choice(LAST), "FIRST": lambda c: c.choice(FIRST).upper(),
    "LAST": lambda c: c.choice(LAST).upper(), "full": lambda c: f"{c.choice(FIRST)} {c.choice(LAST)}",
    "lastfirst": lambda c: f"{c.choice(LAST).upper()},  {c.choice(FIRST).upper()} {c.choice(string.ascii_uppercase)}",
    "titled": lambda c: f"{c.choice(LAST)}, {c.choice(('Mr.', 'Mrs.', 'Miss.', 'Master.'))} {c.choice(FIRST)} {c.choice(FIRST)}",
    "email": _email, "street": _street, "sentence": _sentence, "city": lambda c: c.choice(CITIES), "state": lambda c: c.choice(STATES),
    "zip": lambda c: c.choice("123456789") + digits(c, 4), "tickzip": lambda c: "'" + c.choice("123456789") + digits(c, 4),
    "usphone": lambda c: c.choice(("({}) {}-{}", "{}-{}-{}", "+1 {} {} {}", "{}.{}.{}")).format(c.randint(201, 989), c.randint(200, 999), digits(c, 4)),
    "intphone": lambda c: f"+{c.choice((44, 49, 33, 31))} {c.randint(20, 899)} {digits(c, 7)}",
    "user": lambda c: f"{c.choice(WORDS)}{c.choice(('', '_', '.'))}{c.choice(WORDS)}{c.choice(('', digits(c, 2)))}",
    "cc": card, "iban": iban, "ssn": lambda c: f"{c.randint(100, 665)}-{c.randint(10, 99)}-{c.randint(1000, 9999)}",
    "ip": lambda c: f"{c.randint(11, 223)}.{c.randint(0, 255)}.{c.randint(0, 255)}.{c.randint(1, 254)}",
    "mac": lambda c: ":".join(f"{c.randint(0, 255):02x}" for _ in range(6)),
    "uuid": lambda c: str(uuid.UUID(int=c.getrandbits(128), version=4)),
    "url": lambda c: f"https://www.{c.choice(WORDS)}{c.choice(WORDS)}.com/{c.choice(WORDS)}",
}  # fmt: skip


def _values(recipe: str, chance: random.Random) -> list[object]:
    if not recipe.startswith("="):
        return chance.choices(recipe.split(";"), k=ROWS) if recipe else []
    name, *given = recipe[1:].split(" ")
    if name == "seq":
        return list(range(int(given[0]), int(given[0]) + ROWS))
    if name == "int":
        return [chance.randint(int(given[0]), int(given[1])) for _ in range(ROWS)]
    if name == "num":
        return [round(chance.uniform(float(given[0]), float(given[1])), int(given[2])) for _ in range(ROWS)]
    if name in ("date", "dmy", "mdy", "ts"):
        return [_date(chance, int(given[0]), int(given[1]), name) for _ in range(ROWS)]
    if name == "code":
        return [_coded(chance, " ".join(given)) for _ in range(ROWS)]
    if name == "hex":
        return ["".join(chance.choices("0123456789abcdef", k=int(given[0]))) for _ in range(ROWS)]
    if name == "words":
        return [" ".join(chance.choices(WORDS, k=int(given[0]))).title() for _ in range(ROWS)]
    return [_MAKERS[name](chance) for _ in range(ROWS)]


# The vocabulary of these languages was written after their columns, by the one who wrote both.
_SEEN = frozenset(("klienci_pl", "kokyaku_jp"))


def part_of(source: str) -> str:
    """``tuned`` or ``held-out``, by the parity of the SHA-256 of the source's name."""
    odd = hashlib.sha256(source.encode()).digest()[0] % 2
    return "held-out" if odd and source not in _SEEN else "tuned"


def known_schemas(path: Path) -> Iterator[dict[str, Any]]:
    """The columns of a file of schemas, with values."""
    source = table = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("## "):
            source, table = line[3:].split(" ", 1)
        elif line and not line.startswith("# "):
            column, kind, label, recipe = line.split("|", 3)
            chance = random.Random(f"{source}.{table}.{column}")
            row = {
                "part": part_of(source), "source": source, "table": table, "column": column, "type": kind,
                "label": None if label in ("", "?") else label, "values": _values(recipe, chance),
            }  # fmt: skip
            yield {**row, "ignore": True} if label == "?" else row

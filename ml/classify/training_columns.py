"""Columns to train from: names of ``corpus.yaml`` as people write them, values by Faker. Only training imports this.

Names and places are partly misspelt on purpose, since the lexicon of the model knows all that Faker knows and the world holds more.
"""

# ruff: noqa: S311 - chance is seeded, no secret
from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from faker import Faker

from ml.classify.spec import built_in, read_yaml

NONE = "NONE"
ROWS = (3, 8, 20, 40, 60)
LOCALES = (
    "en_US",
    "en_GB",
    "en_IN",
    "de_DE",
    "fr_FR",
    "es_ES",
    "es_MX",
    "it_IT",
    "nl_NL",
    "pt_BR",
    "pt_PT",
    "pl_PL",
    "sv_SE",
    "tr_TR",
    "cs_CZ",
    "ro_RO",
    "id_ID",
    "fi_FI",
    "hr_HR",
)
UNSPEAKING = (
    "c",
    "col",
    "column",
    "field",
    "f",
    "var",
    "v",
    "attr",
    "data",
    "x",
    "value",
    "a",
    "unnamed",
    "feature",
    "txt",
    "char",
    "custom",
    "udf",
    "zz",
    "fld",
    "text",
    "info",
    "details",
    "other",
    "misc",
    "q",
    "extra",
)
SAID_BY_VALUES = frozenset(("PERSON", "ADDRESS", "LOCATION", "COUNTRY", "EMAIL", "PHONE"))
MUTE = (
    "BIRTH_DATE",
    "AGE",
    "SALARY",
    "GEO",
    "USERNAME",
    "PASSWORD",
    "POSTAL_CODE",
    "CVV",
    "NATIONAL_ID",
    "TAX_ID",
    "BANK_ACCOUNT",
    "LICENSE_PLATE",
    "DRIVER_LICENSE",
    "GENDER",
    "DIAGNOSIS",
    "EDUCATION",
)
AMBIGUOUS = frozenset(
    (
        "name",
        "names",
        "nom",
        "nombre",
        "nome",
        "naam",
        "person",
        "owner",
        "manager",
        "contact",
        "first",
        "last",
        "middle",
        "location",
        "loc",
        "place",
        "state",
        "end",
        "str",
        "rep",
        "host",
        "member",
        "user",
        "client",
        "customer",
        "race",
        "pass",
        "block",
        "alias",
        "pay",
        "comp",
        "income",
        "land",
        "long",
        "lon",
        "class",
        "plate",
        "married",
        "birth",
        "born",
        "residence",
        "region state",
        "district",
        "dist",
        "alter",
        "condition name",
        "disease",
        "drug name",
        "medicine",
        "degree",
        "education",
        "plaque",
        "via",
        "cap",
        "uf",
        "rg",
        "cp",
        "ward",
    )
)
Make = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled column; ``around`` are labels of its neighbours."""

    label: str
    table: str
    name: str
    comment: str | None
    kind: str
    values: tuple[str, ...]
    around: tuple[str, ...]


def corpus() -> Mapping[str, Any]:
    """The lists of ``corpus.yaml``."""
    found: Mapping[str, Any] = read_yaml((resources.files("ml.classify") / "corpus.yaml").read_text("utf-8"))
    return found


def phrases() -> dict[str, list[str]]:
    """Names by classification: those of the corpus and the strong ones of the classifiers."""
    strong = {s.name: [p for p in s.names.strong if "<" not in p] for s in built_in()}
    return {
        label: sorted({*map(str, names), *strong.get(label, ())})
        for label, names in corpus()["positive"].items()
    }


class Values:
    """Makers of values by classification, and of values that are nobody's."""

    def __init__(self, seed: int) -> None:
        self._said = {word for names in phrases().values() for name in names for word in name.split()}
        self._fakers = {}
        for number, locale in enumerate(LOCALES):
            fake = Faker(locale, use_weighting=False)
            fake.seed_instance(seed + number)
            self._fakers[locale] = fake
        self._english = self._fakers["en_US"]
        self._lists: Sequence[Sequence[object]] = corpus()["lists"]

    def column(self, label: str, phrase: str, kind: str, chance: random.Random) -> list[str]:
        """Up to sixty values with gaps and a little dirt."""
        make = (
            self._positive(label, phrase, kind, chance)
            if label != NONE
            else self._negative(phrase, kind, chance)
        )
        made = [make(chance) for _ in range(chance.choice(ROWS))]
        style = chance.random()
        if style < 0.1:
            made = [value.upper() for value in made]
        elif style < 0.14:
            made = [value.lower() for value in made]
        if chance.random() < 0.3:
            dirt = chance.choice(("n/a", "-", "unknown", "?", "0", "NULL", "none", "x", "test"))
            made = [dirt if chance.random() < 0.12 else value for value in made]
        return made

    def words(self, chance: random.Random) -> str:
        """A name that is nobody's: plain words, a ticker, a letter."""
        dice = chance.random()
        if dice < 0.12:
            return chance.choice("abcdefghijklmnopqrstuvwxyz") + chance.choice(("", "", "1", "2"))
        if dice < 0.2:
            return "".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 5)))
        fake = self._fakers[
            chance.choice(("en_US", "en_US", "en_US", "de_DE", "fr_FR", "nl_NL", "pl_PL", "es_ES"))
        ]
        found = [word.lower() for word in fake.words(chance.randint(1, 3)) if word.lower() not in self._said]
        return " ".join(found) or "misc"

    def _strange(self, word: str, chance: random.Random) -> str:
        """A name the lexicon does not know, of the same ring."""
        body = list(word)
        for _ in range(2):
            at = chance.randrange(len(body))
            body[at] = chance.choice("aeiou" if body[at].lower() in "aeiou" else "bdfgklmnprstvz")
        return "".join(body).title()

    def _positive(self, label: str, phrase: str, kind: str, chance: random.Random) -> Make:
        fake = self._fakers[chance.choice(LOCALES)]
        unknown = chance.choice((0.0, 0.0, 0.15, 0.3, 0.5, 0.7))
        words = frozenset(phrase.split())

        def rare(word: str, c: random.Random) -> str:
            return self._strange(word, c) if c.random() < unknown else word

        def person(c: random.Random) -> str:
            first, last = rare(fake.first_name(), c), rare(fake.last_name(), c)
            return form.format(first=first, last=last, initial=c.choice(string.ascii_uppercase))

        if label == "PERSON":
            form = chance.choice(
                ("{first} {last}",) * 5
                + (
                    "{last}, {first}",
                    "{first}",
                    "{first}",
                    "{last}",
                    "{first} {initial}. {last}",
                    "{initial}. {last}",
                    "{last} {first}",
                    "Dr. {first} {last}",
                    "{last} {initial}",
                )
            )
            if words & {
                "first",
                "given",
                "fname",
                "fn",
                "vorname",
                "prenom",
                "voornaam",
                "forename",
                "rufname",
            }:
                form = "{first}"
            elif words & {
                "last",
                "lname",
                "ln",
                "surname",
                "nachname",
                "apellidos",
                "cognome",
                "achternaam",
                "sobrenome",
                "apelido",
            }:
                form = "{last}"
            return person
        if label == "ADDRESS":
            if chance.random() < 0.6:
                return lambda c: fake.street_address().replace("\n", ", ")
            return chance.choice(
                (
                    lambda c: fake.address().replace("\n", ", "),
                    lambda c: fake.street_name(),
                    lambda c: (
                        f"{c.randint(1, 9999)} {rare(fake.last_name(), c)} {c.choice(('St', 'Ave', 'Rd', 'Blvd', 'Dr', 'Ln', 'Way', 'Ct'))}"
                    ),
                )
            )
        if label in ("LOCATION", "BIRTH_PLACE"):
            if words & {"state", "province", "st", "uf", "bundesland", "provincie", "county"}:
                region = (
                    getattr(fake, "state", None)
                    or getattr(fake, "administrative_unit", None)
                    or self._english.state
                )
                return chance.choice(
                    (
                        lambda c: region(),
                        lambda c: self._english.state_abbr(),
                        lambda c: self._english.state(),
                    )
                )
            return chance.choice(
                (lambda c: rare(fake.city(), c),) * 3
                + (
                    lambda c: f"{fake.city()}, {self._english.state_abbr()}",
                    lambda c: f"{fake.city()}, {self._english.country()}",
                )
            )
        made: dict[str, Sequence[Make]] = {
            "COUNTRY": (lambda c: fake.country(), lambda c: self._english.country(), lambda c: fake.country_code(), lambda c: self._english.country_code("alpha-3")),
            "POSTAL_CODE": (lambda c: fake.postcode(), lambda c: self._english.postcode(), lambda c: str(c.randint(1000, 99999))),
            "PHONE": (lambda c: fake.phone_number(), lambda c: self._english.phone_number(), lambda c: str(c.randint(2 * 10**9, 9 * 10**9)), lambda c: f"+{c.randint(1, 99)}{c.randint(10**8, 10**10)}"),
            "EMAIL": (lambda c: fake.ascii_email(), lambda c: fake.ascii_company_email()),
            "BIRTH_DATE": _dates(chance, 1930, 2008),
            "DEATH_DATE": _dates(chance, 1990, 2024),
            "AGE": (lambda c: str(c.randint(18, 90)), lambda c: str(min(99, max(0, int(c.gauss(42, 18))))), lambda c: f"{c.randint(1, 90)}.0"),
            "GENDER": (lambda c: c.choice("MF"), lambda c: c.choice(("male", "female")), lambda c: c.choice(("Male", "Female", "Other")), lambda c: c.choice("012"), lambda c: c.choice(("m", "w", "d")), lambda c: c.choice(("H", "M"))),
            "SALARY": (lambda c: str(c.randint(20, 200) * 500), lambda c: f"{c.lognormvariate(10.8, 0.5):.2f}", lambda c: f"${c.randint(20000, 250000):,}", lambda c: f"{c.uniform(7, 90):.2f}", lambda c: str(c.randint(900, 15000))),
            "USERNAME": (lambda c: fake.user_name(), lambda c: self._english.user_name(), lambda c: f"{c.choice(string.ascii_lowercase)}{fake.last_name().lower()}"),
            "PASSWORD": (lambda c: self._english.password(), lambda c: "$2b$12$" + _chars(c, 53), lambda c: _hex(c, c.choice((32, 40, 64))), lambda c: self._english.word() + str(c.randint(1, 999))),
            "GEO": (lambda c: f"{c.uniform(-90, 90):.6f}", lambda c: f"{40 + c.gauss(0, 0.4):.5f}", lambda c: f"{-73 + c.gauss(0, 0.4):.6f}", lambda c: f"{c.uniform(-90, 90):.5f}, {c.uniform(-180, 180):.5f}"),
            "NATIONAL_ID": (lambda c: fake.ssn(), lambda c: str(c.randint(10**8, 10**13)), lambda c: f"{_caps(c, 1)}{c.randint(10**6, 10**8)}{_caps(c, 1)}"),
            "SSN": (lambda c: self._english.ssn(), lambda c: self._english.ssn().replace("-", "")),
            "PASSPORT": (lambda c: f"{_caps(c, 1)}{c.randint(10**7, 10**8)}", lambda c: str(c.randint(10**8, 10**9))),
            "TAX_ID": (lambda c: str(c.randint(10**8, 10**11)), lambda c: f"{c.randint(10, 99)}-{c.randint(10**6, 10**7)}"),
            "DRIVER_LICENSE": (lambda c: f"{_caps(c, 1)}{c.randint(10**6, 10**8)}", lambda c: f"{_caps(c, 5)}{c.randint(10**5, 10**6)}{_caps(c, 2)}"),
            "LICENSE_PLATE": (lambda c: fake.license_plate() if hasattr(fake, "license_plate") else self._english.license_plate(), lambda c: f"{_caps(c, 3)} {c.randint(100, 9999)}"),
            "VIN": (lambda c: self._english.vin(), lambda c: "".join(c.choices("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", k=17))),
            "CREDIT_CARD": (lambda c: self._english.credit_card_number(), lambda c: f"4{c.randint(10**14, 10**15 - 1)}"),
            "CVV": (lambda c: self._english.credit_card_security_code(),),
            "CARD_EXPIRY": (lambda c: self._english.credit_card_expire(), lambda c: f"{c.randint(1, 12):02d}/{c.randint(2024, 2031)}"),
            "IBAN": (lambda c: fake.iban(), lambda c: self._fakers["de_DE"].iban()),
            "BANK_ACCOUNT": (lambda c: fake.bban(), lambda c: str(c.randint(10**7, 10**12))),
            "IP_ADDRESS": (lambda c: self._english.ipv4(), lambda c: self._english.ipv6(), lambda c: self._english.ipv4_private()),
            "MAC_ADDRESS": (lambda c: self._english.mac_address(),),
            "MARITAL_STATUS": (lambda c: c.choice(("single", "married", "divorced", "widowed")), lambda c: c.choice("SMDW"), lambda c: c.choice(("Married", "Never married", "Divorced", "Separated"))),
            "NATIONALITY": (lambda c: self._english.country(), lambda c: self._english.country_code(), lambda c: c.choice(("German", "French", "Dutch", "American", "British", "Indian", "Polish", "Turkish"))),
            "ETHNICITY": (lambda c: c.choice(("White", "Black", "Asian", "Hispanic", "Other")), lambda c: c.choice("WBAHO")),
            "RELIGION": (lambda c: c.choice(("Christian", "Muslim", "Hindu", "Buddhist", "None", "Jewish")), lambda c: c.choice(("rk", "ev", "--"))),
            "DIAGNOSIS": (lambda c: f"{_caps(c, 1)}{c.randint(10, 99)}.{c.randint(0, 9)}", lambda c: c.choice(("Hypertension", "Asthma", "Type 2 diabetes", "Migraine", "Influenza"))),
            "MEDICATION": (lambda c: c.choice(("Ibuprofen", "Metformin", "Lisinopril", "Amoxicillin", "Atorvastatin")) + c.choice(("", " 50 mg", " 500mg")),),
            "BLOOD_TYPE": (lambda c: c.choice(("A+", "A-", "B+", "O+", "O-", "AB+", "AB-")),),
            "EDUCATION": (lambda c: c.choice(("Bachelors", "Masters", "HS-grad", "PhD", "Some college")), lambda c: c.choice(("primary", "secondary", "tertiary"))),
        }  # fmt: skip
        return chance.choice(made[label])

    def _negative(self, phrase: str, kind: str, chance: random.Random) -> Make:
        e, words = self._english, frozenset(phrase.split())
        if kind in ("date", "timestamp") or words & {
            "date",
            "dt",
            "at",
            "datum",
            "fecha",
            "data criacao",
            "ts",
            "timestamp",
        }:
            day = _dates(chance, chance.choice((1900, 1948, 1960, 2005, 2015)), 2026)
            hour: Make = lambda c: (  # noqa: E731
                f"{c.randint(2015, 2026)}-{c.randint(1, 12):02d}-{c.randint(1, 28):02d} {c.randint(0, 23):02d}:{c.randint(0, 59):02d}:{c.randint(0, 59):02d}"
            )
            made: list[Make] = [*day, hour]
            return chance.choice(made)
        base = chance.choice((1, 1, 1000, 100_000, 10**7, 10**9))
        if kind == "integer":
            counter = iter(range(base, base + 10_000))
            return chance.choice(
                (
                    lambda c: str(next(counter)),
                    lambda c: str(c.randint(0, 1)),
                    lambda c: str(c.randint(0, 100)),
                    lambda c: str(c.randint(0, base * 10)),
                    lambda c: str(c.randint(1950, 2026)),
                    lambda c: str(int(c.lognormvariate(5, 2))),
                    lambda c: str(c.randint(1, 5)),
                )
            )
        if kind == "decimal":
            mean = chance.choice((0.5, 1, 10, 30, 100, 5000, 10**6))
            places = chance.randint(1, 14)
            spread = chance.choice((mean, mean / 20))
            return chance.choice(
                (
                    lambda c: f"{c.gauss(mean, spread):.{places}f}",
                    lambda c: f"{c.gauss(0, mean):.{places}f}",
                    lambda c: f"{c.uniform(-180, 180):.{places}f}",
                    lambda c: f"{abs(c.gauss(mean, mean)):.2f}",
                    lambda c: f"{c.gauss(0, mean):.4f}",
                    lambda c: f"{c.random():.3f}",
                    lambda c: f"{c.uniform(0, 100):.1f}",
                )
            )
        if chance.random() < 0.3:
            closed = chance.choice(self._lists)
            return lambda c: str(c.choice(closed))
        some = chance.sample(e.words(40, unique=False), 9)
        companies = self._fakers[chance.choice(LOCALES)]
        if words & {
            "company",
            "firma",
            "vendor",
            "supplier",
            "brand",
            "organisation",
            "organization",
            "employer",
            "bank",
            "empresa",
            "azienda",
            "societe",
            "manufacturer",
            "publisher",
            "bedrijf",
            "fornecedor",
            "proveedor",
            "fournisseur",
        }:
            return chance.choice(
                (
                    lambda c: companies.company(),
                    lambda c: e.company(),
                    lambda c: f"{e.last_name()} {c.choice(('Inc', 'Ltd', '& Sons', 'Group', 'GmbH'))}",
                )
            )
        return chance.choice((
            lambda c: c.choice(some), lambda c: c.choice(some[:3]).title(), lambda c: c.choice(some[:5]).upper(), lambda c: e.sentence(nb_words=c.randint(3, 12)), lambda c: e.catch_phrase(), lambda c: e.bs(),
            lambda c: f"{e.color_name()} {c.choice(some).title()}", lambda c: e.job(), lambda c: companies.company(), lambda c: f"{_caps(c, 3)}-{c.randint(100, 9999)}", lambda c: str(c.randint(10**5, 10**9)), lambda c: e.uuid4(),
            lambda c: e.url(), lambda c: e.file_name(), lambda c: _hex(c, 32), lambda c: c.choice("YN"), lambda c: c.choice(("true", "false")), lambda c: f"{c.randint(1, 300)} {some[0][:2]}", lambda c: f"{c.randint(0, 99)}%",
            lambda c: " ".join(e.words(c.randint(2, 4))).title(), lambda c: " ".join(e.words(2)).title(), lambda c: f"{e.word().title()} {c.randint(1, 90)}", lambda c: e.currency_code(), lambda c: e.language_name(), lambda c: e.month_name(),
            lambda c: e.day_of_week(), lambda c: _caps(c, 2), lambda c: _caps(c, 3), lambda c: f"{c.randint(1, 12)}.{c.randint(0, 20)}.{c.randint(0, 9)}", lambda c: e.user_agent(), lambda c: e.hostname(), lambda c: e.mime_type(), lambda c: _caps(c, 4), lambda c: f"${c.randint(1, 900)}.{c.randint(10, 99)}",
            lambda c: f"The {e.word().title()} of {e.word().title()}", lambda c: f"{e.last_name()} {e.word().title()}", lambda c: f"{e.city()} {c.choice(('University', 'Hospital', 'Airport', 'FC', 'Rovers', 'Bank', 'High School', 'Station', 'Museum'))}", lambda c: e.country_code(),
        ))  # fmt: skip


def _chars(c: random.Random, count: int) -> str:
    return "".join(c.choices(string.ascii_letters + string.digits, k=count))


def _hex(c: random.Random, count: int) -> str:
    return "".join(c.choices("0123456789abcdef", k=count))


def _caps(c: random.Random, count: int) -> str:
    return "".join(c.choices(string.ascii_uppercase, k=count))


def _dates(chance: random.Random, low: int, high: int) -> Sequence[Make]:
    low += chance.randint(0, max(1, (high - low) // 4))
    order = chance.choice(
        (
            "{y}-{m:02d}-{d:02d}",
            "{y}-{m:02d}-{d:02d}",
            "{d:02d}/{m:02d}/{y}",
            "{m:02d}/{d:02d}/{y}",
            "{d:02d}.{m:02d}.{y}",
            "{y}{m:02d}{d:02d}",
            "{y}-{m:02d}-{d:02d} 00:00:00",
            "{m}/{d}/{s:02d}",
        )
    )

    def make(c: random.Random) -> str:
        year = c.randint(low, high)
        return order.format(y=year, s=year % 100, m=c.randint(1, 12), d=c.randint(1, 28))

    return (make,)


_STYLES = (
    "snake",
    "snake",
    "snake",
    "camel",
    "pascal",
    "upper",
    "joined",
    "kebab",
    "space",
    "title",
    "custom",
    "dotted",
)
_SHORT = {
    "address": "addr",
    "number": "nbr",
    "customer": "cust",
    "employee": "emp",
    "telephone": "tel",
    "name": "nm",
    "date": "dt",
    "birth": "brth",
    "phone": "ph",
    "account": "acct",
    "first": "frst",
    "last": "lst",
    "street": "str",
    "city": "cty",
    "code": "cd",
    "amount": "amt",
    "number ": "no",
    "salary": "sal",
    "gender": "gndr",
    "country": "ctry",
    "description": "desc",
    "department": "dept",
}


def written(phrase: str, label: str, before: Sequence[str], chance: random.Random) -> str:
    """The phrase as a column is called: with a prefix, abbreviated, misspelt, in one of the usual styles."""
    words = phrase.split()
    if label != NONE and chance.random() < 0.3:
        words = [*chance.choice(before).split(), *words]
    if chance.random() < 0.15:
        words = [_SHORT.get(word, word) for word in words]
    if chance.random() < 0.05:
        words = [word[0] + re.sub("[aeiou]", "", word[1:]) if len(word) > 4 else word for word in words]
    if chance.random() < 0.04:
        at = chance.randrange(len(words))
        word = words[at]
        if len(word) > 5:
            cut = chance.randrange(1, len(word) - 1)
            words[at] = word[:cut] + word[cut + 1 :]
    if label != NONE and chance.random() < 0.08:
        words.append(chance.choice(("1", "2", "3", "txt", "c", "new", "old", "value", "raw", "full")))
    if chance.random() < 0.04:
        words = [chance.choice(("str", "vch", "s", "c", "fld", "col", "src", "z")), *words]
    style = chance.choice(_STYLES)
    if style == "camel":
        return words[0] + "".join(word.title() for word in words[1:])
    if style == "pascal":
        return "".join(word.title() for word in words)
    if style == "upper":
        return "_".join(words).upper()
    if style == "custom":
        return "_".join(word.title() for word in words) + "__c"
    if style == "title":
        return " ".join(words).title()
    return {"snake": "_", "joined": "", "kebab": "-", "space": " ", "dotted": "."}[style].join(words)


_KINDS = {
    "AGE": ("integer", "integer", "text", "decimal"),
    "SALARY": ("decimal", "decimal", "integer", "text"),
    "BIRTH_DATE": ("date", "date", "text", "timestamp"),
    "DEATH_DATE": ("date", "text"),
    "GEO": ("decimal", "decimal", "text"),
    "POSTAL_CODE": ("text", "text", "integer"),
    "PHONE": ("text", "text", "text", "integer"),
    "SSN": ("text", "integer"),
    "CVV": ("text", "integer"),
    "BANK_ACCOUNT": ("text", "integer"),
    "CREDIT_CARD": ("text", "text", "integer"),
    "NATIONAL_ID": ("text", "text", "integer"),
    "TAX_ID": ("text", "integer"),
    "GENDER": ("text", "text", "text", "integer"),
    "IP_ADDRESS": ("text", "text", "network"),
}
_NEIGHBOURS = (
    "PERSON",
    "EMAIL",
    "PHONE",
    "ADDRESS",
    "LOCATION",
    "POSTAL_CODE",
    "BIRTH_DATE",
    "GENDER",
    "COUNTRY",
    "USERNAME",
    "AGE",
    "SALARY",
)


def examples(count: int, seed: int) -> Iterator[Example]:
    """That many labelled columns, the same at each run; about half hold nothing personal."""
    chance = random.Random(seed)
    lists, named, values = corpus(), phrases(), Values(seed)
    labels = sorted(named)
    weights = [len(named[label]) ** 0.5 for label in labels]
    negative = [each.strip() for line in lists["negative"] for each in line.split(",")]
    positive = {phrase for found in named.values() for phrase in found}
    negative = [phrase for phrase in negative if phrase and phrase not in positive]
    people, things = lists["tables"]["people"], lists["tables"]["things"]
    for _ in range(count):
        label = NONE if chance.random() < 0.6 else chance.choices(labels, weights)[0]
        around = tuple(sorted(chance.sample(_NEIGHBOURS, chance.randint(1, 5))))
        if label == NONE:
            yield _nobodys(chance, lists, negative, values, people, things, around)
            continue
        phrase = chance.choice(named[label])
        kind = chance.choice(_KINDS.get(label, ("text", "text", "text", "other")))
        name = written(phrase, label, lists["before"], chance)
        filled = chance.random()
        held = values.column(label, phrase, kind, chance) if filled < 0.68 else []
        table = chance.choice(people)
        spoken = chance.random()
        if held and label in SAID_BY_VALUES and spoken < 0.22:
            name = f"{chance.choice(UNSPEAKING)}{chance.choice(('', '_', ''))}{chance.choice(('', '1', '2', '7', '12'))}"
            table = chance.choice((*things, "t", "t", "data"))
        elif chance.random() < 0.35 and (phrase not in AMBIGUOUS or held):
            table = chance.choice((*things, "t", ""))
        near = around if chance.random() < 0.5 else ()
        comment = phrase if chance.random() < 0.06 else None
        if comment and chance.random() < 0.5:
            name = chance.choice(UNSPEAKING)
        if held and chance.random() < 0.35:
            kind = "text"
        yield Example(label, table, name, comment, kind, tuple(held), near)


def _nobodys(
    chance: random.Random,
    lists: Mapping[str, Any],
    negative: Sequence[str],
    values: Values,
    people: Sequence[str],
    things: Sequence[str],
    around: tuple[str, ...],
) -> Example:
    dice = chance.random()
    if dice < 0.3:
        phrase = chance.choice(negative)
    elif dice < 0.5:
        phrase = f"{chance.choice(lists['things'])} {chance.choice(lists['attributes'])}"
    elif dice < 0.8:
        phrase = values.words(chance)
    elif dice < 0.86:
        phrase = f"{chance.choice(lists['before'])} {chance.choice(('id', 'code', 'type', 'status', 'count', 'key', 'flag', 'number', 'created at', 'updated at', 'group', 'category', 'segment', 'score', 'level', 'rank'))}"
    elif dice < 0.9:
        phrase = chance.choice(("name", "title", "names", "nom", "bezeichnung", "label"))
    else:
        phrase = chance.choice(UNSPEAKING) + chance.choice(("", " 1", " 2", " 3", " 11"))
    words = frozenset(phrase.split())
    if words & {"date", "dt", "at", "datum", "fecha", "timestamp", "ts", "time"}:
        kind = chance.choice(("date", "timestamp", "text"))
    elif words & {
        "id",
        "count",
        "qty",
        "quantity",
        "number",
        "rank",
        "year",
        "key",
        "order",
        "position",
        "index",
        "anzahl",
    }:
        kind = chance.choice(("integer", "integer", "text"))
    elif words & {
        "price",
        "amount",
        "amt",
        "cost",
        "rate",
        "value",
        "total",
        "avg",
        "score",
        "percentage",
        "weight",
        "preis",
        "prix",
        "precio",
    }:
        kind = chance.choice(("decimal", "decimal", "integer", "text"))
    elif words & {
        "name",
        "title",
        "description",
        "desc",
        "label",
        "comment",
        "type",
        "code",
        "status",
        "kind",
        "category",
        "url",
        "path",
        "text",
        "notes",
    }:
        kind = chance.choice(("text", "text", "text", "other"))
    else:
        kind = chance.choice(("text", "text", "integer", "decimal", "other"))
    thing_name = dice < 0.9 and dice >= 0.86
    table = chance.choice(things) if thing_name or chance.random() < 0.7 else chance.choice(people)
    held = values.column(NONE, phrase, kind, chance) if chance.random() < 0.68 else []
    if (0.5 <= dice < 0.8 or dice >= 0.9) and chance.random() < 0.3:
        # Figures that would be somebody's under a name that said so.
        mute = chance.choice(MUTE)
        kind = chance.choice(_KINDS.get(mute, ("text",)))
        held = values.column(mute, phrase, kind, chance)
    if kind in ("integer", "decimal", "date", "timestamp") and chance.random() < 0.4:
        kind = "text"  # a file of text types everything as text
    name = written(phrase, NONE, (), chance)
    return Example(
        NONE,
        table,
        name,
        None,
        kind,
        tuple(held),
        around if chance.random() < 0.35 and not thing_name else (),
    )

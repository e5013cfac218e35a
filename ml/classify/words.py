"""The words of a name: split, singular, abbreviations written out, and what nobody split taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from ml.classify.spec import built_in, read_yaml
from ml.text import name_tokens

LONGEST = 5
SHORT = 2  # letters of an abbreviation that means much besides: "pw", "st", "cc"
_PIECE = (
    4  # letters of the words that a run is taken apart into; fewer are in every word: the "age" of "storage"
)
_RUN = 6
_TAIL = 8  # letters of a known end before which anything may stand: the "ip address" of "nasipaddress"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The shared words of ``vocabulary.yaml``; what each list is for is said there."""

    abbreviations: dict[str, tuple[str, ...]]
    neutral: frozenset[str]
    titles: frozenset[str]
    readings: frozenset[str]
    measuring: frozenset[str]
    patient_keys: frozenset[str]
    traits: frozenset[str]
    written_as: frozenset[str]
    negative: frozenset[str]
    coded: frozenset[str]
    distractors: frozenset[str]
    things: frozenset[str]
    identifying: frozenset[str]
    systems: frozenset[str]
    pieces: frozenset[str]
    people: frozenset[str]
    networks: frozenset[str]
    of_people: frozenset[str]
    table_words: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The one of the product."""
    found = read_yaml((resources.files("ml.classify") / "vocabulary.yaml").read_text("utf-8"))
    return Vocabulary(
        abbreviations={short: tuple(long.split()) for short, long in found["abbreviations"].items()},
        distractors=frozenset(phrase.replace(" ", "") for phrase in found["distractors"]),
        people=frozenset(found["people"]),
        networks=frozenset(found["networks"]),
        measuring=frozenset(joined(phrase) for phrase in found["measuring"]),
        patient_keys=frozenset(joined(phrase) for phrase in found["patient_keys"]),
        traits=frozenset(joined(phrase) for phrase in found["traits"]),
        **{key: frozenset(found[key]) for key in (
            "neutral", "titles", "readings", "written_as", "negative", "coded", "things", "identifying", "systems", "pieces", "of_people", "table_words",
        )},
    )  # fmt: skip


def singular(word: str) -> str:
    """The word without the ending of an English plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 6 and word.endswith("sses"):  # "passes" is no plural of a password
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "su" else word


def joined(phrase: str) -> str:
    """A phrase as one run of letters, so that ``firstname``, ``first_name`` and ``FirstName`` are one."""
    return "".join(singular(word) for word in phrase.split())


# A run of words written together and where it stands.
Span = tuple[str, int, int]


def _spans(words: Sequence[str]) -> tuple[Span, ...]:
    return tuple(
        ("".join(words[start:end]), start, end)
        for start in range(len(words))
        for end in range(start + 1, min(start + LONGEST, len(words)) + 1)
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """A name as words in one way, all their spans, and the places of words that stood as short abbreviations."""

    words: tuple[str, ...]
    spans: tuple[Span, ...]
    short: frozenset[int] = frozenset()


def reading(words: Iterable[str], short: frozenset[int] = frozenset()) -> Reading:
    """The words as they are."""
    kept = tuple(words)
    return Reading(kept, _spans(kept), short)


def _expanded(words: Iterable[str]) -> Reading:
    long: list[str] = []
    short: set[int] = set()
    for word in words:
        written = vocabulary().abbreviations.get(word, (word,))
        if written != (word,) and len(word) <= SHORT:
            short.update(range(len(long), len(long) + len(written)))
        long.extend(written)
    return reading(long, frozenset(short))


# Tables of one source share most of the names of their columns.
@lru_cache(maxsize=16_384)
def readings(name: str) -> tuple[Reading, ...]:
    """A name as written, with abbreviations written out, with runs of words taken apart, and without its numbers, where these differ."""
    raw = [singular(word) for word in name_tokens(name)]
    apart = [piece for word in raw for piece in (taken_apart(word) or (word,))]
    ways = [reading(raw), _expanded(raw), _expanded(apart)]
    numbered = any(run in _known_runs() for run, _, _ in ways[0].spans if not run.isalpha())
    if not numbered and (plain := [word for word in apart if not word.isdigit()]):
        ways.append(_expanded(plain))  # "emergency1Number2" is an emergency number, "ipv6" is no "ipv"
    return tuple({way.words: way for way in ways}.values())


@lru_cache(maxsize=16_384)
def written_out(name: str) -> tuple[str, ...]:
    """The words of a name or of a comment, singular and with abbreviations written out."""
    if len(name) > 200:
        return tuple(name_tokens(name[:200]))
    return _expanded(singular(word) for word in name_tokens(name)).words


@cache
def known_words() -> frozenset[str]:
    """All words that the vocabulary or a phrase of a built-in classification knows."""
    vocab = vocabulary()
    names = [spec.names for spec in built_in()]
    phrases = [phrase for n in names for part in (n.strong, n.weak, n.never, n.context) for phrase in part]
    words = {singular(word) for phrase in phrases for word in phrase.split()}
    words |= vocab.neutral | vocab.negative | vocab.people | vocab.systems | vocab.things | vocab.table_words
    return frozenset(words | vocab.abbreviations.keys())


@cache
def _known_runs() -> frozenset[str]:
    return frozenset(
        joined(phrase) for spec in built_in() for phrase in (*spec.names.strong, *spec.names.weak)
    )


@lru_cache(maxsize=16_384)
def taken_apart(word: str) -> tuple[str, ...] | None:
    """The known words that a run of letters is made of; None where it is a word, or more than its end is unknown."""
    if len(word) < _RUN or word in known_words() or word in _known_runs() or not word.isascii():
        return None
    if whole := next(_split(word), None):
        return whole
    for at in range(1, len(word) - _TAIL + 1):
        if word[at:] in _known_runs() or (word[at:] in known_words()):
            return word[:at], word[at:]
    return None


def _split(run: str) -> Iterator[tuple[str, ...]]:
    """Ways to take the run apart, longer first words first."""
    if not run:
        yield ()
    for end in range(len(run), 1, -1):
        piece = run[:end]
        if piece in vocabulary().pieces or (end >= _PIECE and singular(piece) in known_words()):
            yield from ((singular(piece), *rest) for rest in _split(run[end:]))


def titled(name: str) -> tuple[str, ...]:
    """The words of a name that say no more than that something is called or measured, ``name`` and ``result value``; none where one says more.

    Up to three letters that nobody knows say no more: the "VG" of "VG_title".
    """
    vocab, words = vocabulary(), [word for word in written_out(name) if not word.isdigit()]
    said = tuple(word for word in words if word in vocab.titles or word in vocab.readings)
    rest = [word for word in words if word not in said and word not in vocab.written_as]
    return said if all(len(word) <= 3 and word not in known_words() for word in rest) else ()


@lru_cache(maxsize=4_096)
def rows_of(table: str) -> tuple[str, ...]:
    """What one row of a table is by the table's name, its last word and its last two: ``tbl_city_codes`` are cities."""
    vocab, words = vocabulary(), [singular(word) for word in name_tokens(table)]
    while words and (words[-1] in vocab.table_words or words[-1] == "code" or words[-1].isdigit()):
        words.pop()
    return tuple(dict.fromkeys(("".join(words[-2:]), *words[-1:]))) if words else ()


def people_table(table: str) -> bool:
    """Whether the rows of a table of this name are people: ``dim_customers`` yes, ``customer_orders`` and ``user_settings`` no."""
    vocab = vocabulary()
    whole = [singular(word) for word in name_tokens(table)]
    words = [piece for word in whole for piece in (taken_apart(word) or (word,))]
    nouns = [word for word in words if word not in vocab.table_words and not word.isdigit()]
    if vocab.of_people.intersection(nouns):
        return False
    return bool(nouns) and (nouns[-1] in vocab.people or "".join(nouns[-2:]) in vocab.people)

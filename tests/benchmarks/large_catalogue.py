"""The assets of a large catalogue: what the numbers of its lineage stand for, as connectors would hand them over."""

from __future__ import annotations

import random
from collections.abc import Iterator

from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, DiscoveredJob, ForeignKey, Subtype
from schema.domain.classifications import Classifier, Sensitivity, Verdict
from schema.domain.lineage import LineageEdge
from schema.domain.lineage import Transformation as T
from schema.domain.platforms import dataset_urn
from schema.ids import Urn
from tests.benchmarks.large_lineage import WIDTH, Ints, Lineage

SOURCES_PER_LAYER = 4
_SUBJECTS = ("customer", "order", "invoice", "payment", "product", "shipment", "employee", "ticket", "visit")
_ASPECTS = ("history", "daily", "summary", "detail", "snapshot", "event", "score", "balance", "link")
_DOMAINS = ("sales", "finance", "logistics", "people", "")
_COLUMNS = (
    *(("id", "bigint"), ("email", "text"), ("country", "character varying(2)"), ("amount", "numeric(18,2)")),
    *(("created_at", "timestamp"), ("status", "text"), ("ssn", "text"), ("note", "text")),
    *(("parent_id", "bigint"), ("name", "character varying(200)")),
)
CLASSIFIERS = (
    Classifier("EMAIL", "E-mail address", "Addresses of mailboxes.", "contact", Sensitivity.SENSITIVE, "1"),
    Classifier("COUNTRY", "Country", "Names and codes of countries.", "place", Sensitivity.INTERNAL, "1"),
    Classifier("SSN", "Social security number", "US numbers.", "identity", Sensitivity.RESTRICTED, "1"),
    Classifier("SALES", "Sales figures", "Not for everybody.", "business", Sensitivity.CONFIDENTIAL, "1"),
)
_JUDGED = ((1, "EMAIL", 0.4), (2, "COUNTRY", 0.3), (6, "SSN", 0.1))  # column, classification, share of them
_DIRECT = ((T.IDENTITY,), (T.EXPRESSION,), (T.CAST,), (T.AGGREGATE,), (T.EXPRESSION, T.MASK))
_INDIRECT = ((T.FILTER,), (T.JOIN,), (T.JOIN, T.FILTER), (T.GROUP_BY,), (T.SORT,))
_SHARES = (60, 15, 10, 10, 5)


class Catalogue:
    """The assets that the numbers of a ``Lineage`` stand for."""

    def __init__(self, shape: Lineage, seed: int) -> None:
        self.shape, self._seed = shape, seed
        self.domains = {source: _DOMAINS[n % len(_DOMAINS)] for n, source in enumerate(self.sources())}

    def sources(self) -> list[str]:
        layers = range(int(self.shape.layers[-1]) + 1)
        return [f"l{layer:02}-{part}" for layer in layers for part in range(SOURCES_PER_LAYER)]

    def source(self, number: int) -> str:
        return f"l{self.shape.layers[number]:02}-{number % SOURCES_PER_LAYER}"

    def path(self, number: int) -> tuple[str, str, str]:
        subject, aspect = _SUBJECTS[number % len(_SUBJECTS)], _ASPECTS[number // 11 % len(_ASPECTS)]
        return f"db{number // 4 % 2}", f"{subject}_{number // 8 % 6}", f"{subject}_{aspect}_{number:06}"

    def dataset(self, number: int) -> Urn:
        return dataset_urn(f"postgres://{self.source(number)}:5432", self.path(number))

    def column(self, number: int) -> Urn:
        dataset = self.dataset(number // WIDTH)
        return Urn("column", dataset.namespace, dataset.name, _COLUMNS[number % WIDTH][0])

    def job(self, number: int) -> Urn | None:
        """Every tenth dataset is written by a job."""
        return Urn("job", self.dataset(number).namespace, f"load_{number:06}") if number % 10 == 0 else None

    def discovered(self, number: int) -> DiscoveredDataset:
        chance = random.Random(self._seed * 1_000_003 + number)
        subject, view = _SUBJECTS[number % len(_SUBJECTS)], self.shape.layers[number] > 0 and number % 3 == 0
        sibling = number - SOURCES_PER_LAYER
        refers = sibling >= 0 and self.source(sibling) == self.source(number) and chance.random() < 0.3
        return DiscoveredDataset(
            urn=self.dataset(number),
            path=self.path(number),
            subtype=Subtype.VIEW if view else Subtype.TABLE,
            columns=tuple(
                DiscoveredColumn(
                    name,
                    kind,
                    nullable=place > 0,
                    ordinal=place + 1,
                    comment=f"The {name} of the {subject}." if chance.random() < 0.5 else None,
                    primary_key=place == 0,
                )
                for place, (name, kind) in enumerate(_COLUMNS)
            ),
            comment=f"What is known of each {subject}, part {number}." if chance.random() < 0.7 else None,
            definition=f"SELECT * FROM {subject}" if view else None,
            row_count=int(10 ** (9 * chance.random())),
            foreign_keys=(ForeignKey(("parent_id",), self.dataset(sibling), ("id",)),) if refers else (),
            tags=(f"tag_{int(20 * chance.random() ** 2):02}",) if chance.random() < 0.2 else (),
            owners=(f"person{int(300 * chance.random() ** 2):03}@example.com",)
            if chance.random() < 0.7
            else (),
        )

    def verdicts(self, number: int) -> Iterator[tuple[str, Verdict]]:
        chance = random.Random(self._seed * 2_000_003 + number)
        levels = {c.name: c.sensitivity for c in CLASSIFIERS}
        for place, name, share in _JUDGED:
            if chance.random() < share:
                reason = f"the name is {_COLUMNS[place][0]}"
                yield str(self.column(number * WIDTH + place)), Verdict(name, levels[name], 0.9, reason)
        if chance.random() < 0.02:
            yield str(self.dataset(number)), Verdict("SALES", levels["SALES"], 0.8, "the subject is sales")

    def edges(self, first: int, last: int) -> Iterator[LineageEdge]:
        """Whatever feeds the datasets from ``first`` to before ``last`` or their columns, or decides on their rows."""
        chance = random.Random(self._seed * 3_000_017 + first)
        pairs, columns, influences = self.shape.dataset_pairs, self.shape.column_pairs, self.shape.influences
        for up, down in _into(pairs, first, last):
            how = chance.choices(_DIRECT, _SHARES)[0]
            yield LineageEdge(self.dataset(up), self.dataset(down), how, job=self.job(down))
        for up, down in _into(columns, first * WIDTH, last * WIDTH):
            how = chance.choices(_DIRECT, _SHARES)[0]
            yield LineageEdge(self.column(up), self.column(down), how, job=self.job(down // WIDTH))
        for up, down in _into(influences, first, last):
            how = chance.choices(_INDIRECT, _SHARES)[0]
            yield LineageEdge(self.column(up), self.dataset(down), how, job=self.job(down))

    def jobs(self, number: int) -> Iterator[DiscoveredJob]:
        """The job that writes the dataset, if one does."""
        if (urn := self.job(number)) is not None:
            inputs = tuple(self.dataset(up) for up, _ in _into(self.shape.dataset_pairs, number, number + 1))
            yield DiscoveredJob(urn, urn.name, inputs=inputs, outputs=(self.dataset(number),))


def _into(pairs: Ints, first: int, last: int) -> list[list[int]]:
    found: list[list[int]] = pairs[(pairs[:, 1] >= first) & (pairs[:, 1] < last)].tolist()
    return found

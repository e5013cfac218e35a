"""A house with names of its own: columns in several sources, what is kept of their values, and what its people decided about them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from cypher.session import GraphSession
from ingest.commands import catalog, classifications, classifiers
from ingest.commands.review import decide_all
from ml.classify.engine import ColumnEvidence, Examined
from ml.classify.remembered import notes
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import Principal
from schema.domain.models import PersonsVerdict
from schema.domain.platforms import dataset_urn
from schema.domain.review import MOST_DECISIONS, Decision
from tests.seed import Warehouse, register

CANARY = 770_004_711
SOURCES = ("billing", "crm", "depot", "outlet")
_ENDS = ("alt", "neu", "ext", "vertrag", "intern", "haupt", "liefer", "rechnung", "orig", "abw")
_TAUGHT = (("kdnr", "CUSTOMER_NUMBER", True), ("lfdnr", "CUSTOMER_NUMBER", False))
_GUESSED = ("PERSON", "SALARY", "USERNAME", "DIAGNOSIS", "CUSTOMER_NUMBER", "RELIGION")
_WORDS = [
    "lager",
    "regal",
    "menge",
    "farbe",
    "gewicht",
    "stapel",
    "palette",
    "sorte",
    "charge",
    "status",
    "zone",
    "tor",
    "rampe",
    "kette",
    "rolle",
    "band",
    "achse",
    "form",
    "serie",
    "muster",
]


def decided(count: int, *, sense: bool = True) -> list[PersonsVerdict]:
    """That many verdicts over four sources, with sense in them or by the throw of a coin; the same each time."""
    chance, found = random.Random(20), []
    for n in range(count):
        source, table = SOURCES[n % len(SOURCES)], f"t_{n // 8:04}"
        if sense:
            word, label, yes = _TAUGHT[n // len(SOURCES) % 2]
            name = f"{word}_{_ENDS[n % len(_ENDS)]}_{n // 40}"
        else:
            label, yes = chance.choice(_GUESSED), chance.random() < 0.5
            name = f"{chance.choice(_WORDS)}_{chance.choice(_WORDS)}_{n}"
        urn = dataset_urn(f"postgres://{source}:5432", ("house", "main", table))
        values = [CANARY + 37 * n + step for step in range(30)]
        (note,) = notes([Examined.of(ColumnEvidence(table, name, "integer", None, values))], [[]])
        found.append(
            PersonsVerdict(source, str(urn), str(urn).replace("dataset:", "column:", 1) + f"~{name}", table, name, None, "integer", note, label, yes)
        )  # fmt: skip
    return found


async def build(graph: GraphSession, actor: Principal, verdicts: Sequence[PersonsVerdict]) -> None:
    """The catalogue of the columns, and the decisions."""
    await classifiers.sync_vocabulary(graph)
    for source in sorted({each.source for each in verdicts}):
        mine = [each for each in verdicts if each.source == source]
        await register(graph, Warehouse(source, "", ()))
        tables: dict[str, list[PersonsVerdict]] = {}
        for each in mine:
            tables.setdefault(each.table, []).append(each)
        datasets = [
            DiscoveredDataset(
                urn=dataset_urn(f"postgres://{source}:5432", ("house", "main", table)),
                path=("house", "main", table),
                subtype=Subtype.TABLE,
                columns=tuple(
                    DiscoveredColumn(each.name, each.data_type, ordinal=n) for n, each in enumerate(held, 1)
                ),
            )
            for table, held in tables.items()
        ]
        await catalog.publish_datasets(graph, actor, datasets, run="r1", by=source)
        kept = {each.column: each.note for each in mine if each.note}
        await classifications.publish_verdicts(graph, actor, [], list(kept), run="r1", notes=kept)
    decisions = [
        Decision(
            each.column,
            each.classification,
            VerdictStatus.CONFIRMED if each.confirmed else VerdictStatus.REJECTED,
            "",
        )
        for each in verdicts
    ]
    for start in range(0, len(decisions), MOST_DECISIONS):
        await decide_all(graph, actor, decisions[start : start + MOST_DECISIONS], dry_run=False)

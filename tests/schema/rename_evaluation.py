"""``python tests/schema/rename_evaluation.py``: how well renamed columns are found among dropped and added ones.

Tables of real schemas are edited as teams edit them: some columns renamed in one of seven styles, others dropped, added,
retyped or moved. Half of the databases (by name) set the weights and the threshold (``--tune`` prints them at several
thresholds); what is reported comes from the other half, and from Pagila and Chinook, which tuning never sees.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # for the run as a file

import sqlglot  # noqa: E402 - see the line above
from sqlglot import exp  # noqa: E402

from schema.domain.renames import THRESHOLD, SchemaColumn, renames  # noqa: E402

DATA = ROOT / "tests" / "data"
SPIDER_TYPES = {
    "text": "text",
    "number": "integer",
    "time": "timestamp",
    "boolean": "boolean",
    "others": "text",
}
ABBREVIATIONS = {
    "number": "no", "quantity": "qty", "amount": "amt", "address": "addr", "description": "desc", "department": "dept",
    "customer": "cust", "identifier": "id", "average": "avg", "percent": "pct", "manager": "mgr", "category": "cat",
    "position": "pos", "organization": "org", "date": "dt", "count": "cnt", "code": "cd", "name": "nm", "product": "prod",
}  # fmt: skip
SYNONYMS = {
    "customer": "client", "name": "title", "price": "cost", "amount": "total", "begin": "start", "city": "town",
    "employee": "staff", "phone": "telephone", "mail": "email", "year": "yr_no", "code": "key", "type": "kind",
    "description": "summary", "date": "day", "country": "nation", "company": "firm", "id": "key", "number": "count",
}  # fmt: skip
NEW_COLUMNS = (
    ("created_at", "timestamp"), ("updated_at", "timestamp"), ("is_active", "boolean"), ("source_system", "text"),
    ("row_hash", "text"), ("tenant_id", "integer"), ("notes", "text"), ("batch_no", "integer"), ("locale", "text"),
    ("discount", "integer"), ("external_ref", "text"), ("priority", "integer"),
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    database: str
    platform: str
    columns: tuple[SchemaColumn, ...]


def words(name: str) -> list[str]:
    return [w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)] or [name.lower()]


def _case(name: str, rng: random.Random) -> str:
    parts = words(name)
    styles = (
        "_".join(parts),
        parts[0] + "".join(p.title() for p in parts[1:]),
        "".join(p.title() for p in parts),
    )
    return rng.choice([s for s in styles if s.lower() != name.lower()] or [name + "_"])


def _prefix(name: str, rng: random.Random) -> str:
    return rng.choice(("dim_", "src_", "fk_", "new_", "cust_")) + name


def _suffix(name: str, rng: random.Random) -> str:
    return name + rng.choice(("_id", "_txt", "_v2", "_cd", "_utc", "_value"))


def _abbreviation(name: str, _rng: random.Random) -> str:
    def short(word: str) -> str:
        bare = word[0] + re.sub(r"[aeiou]", "", word[1:])
        return ABBREVIATIONS.get(word, bare if len(word) > 4 else word)

    found = "_".join(short(w) for w in words(name))
    return found if found != name.lower() else name[:-1] or name + "x"


def _cut(name: str, _rng: random.Random) -> str:
    parts = words(name)
    return "_".join(parts[1:]) if len(parts) > 1 else parts[0] + "_val"


def _synonym(name: str, _rng: random.Random) -> str:
    parts = words(name)
    found = "_".join(SYNONYMS.get(w, w) for w in parts)
    return found if found != "_".join(parts) else "_".join([*parts, "label"])


def _other(_name: str, rng: random.Random) -> str:
    return rng.choice(("attr", "field", "value", "metric", "label")) + f"_{rng.randrange(100)}"


STYLES: dict[str, Callable[[str, random.Random], str]] = {
    "case": _case, "prefix": _prefix, "suffix": _suffix, "abbreviation": _abbreviation, "cut": _cut,
    "synonym": _synonym, "another name": _other,
}  # fmt: skip


def spider() -> Iterator[Table]:
    for database in json.loads((DATA / "spider" / "tables.json").read_text("utf-8")):
        found: dict[int, list[SchemaColumn]] = {}
        for (table, name), kind in zip(
            database["column_names_original"], database["column_types"], strict=True
        ):
            if table >= 0:
                found.setdefault(table, []).append(SchemaColumn(name, name.lower(), SPIDER_TYPES[kind], True))
        for columns in found.values():
            yield Table(database["db_id"], "postgres", tuple(columns))


def script(name: str, path: Path, dialect: str) -> Iterator[Table]:
    """Tables of the CREATE TABLE statements of a script."""
    text = path.read_text("utf-8", errors="replace")
    for found in re.finditer(r"^CREATE TABLE .*?\n\)", text, re.MULTILINE | re.DOTALL):
        parsed = sqlglot.parse_one(found[0], dialect=dialect, error_level=sqlglot.ErrorLevel.IGNORE)
        columns = tuple(
            SchemaColumn(c.name, c.name.lower(), c.kind.sql(dialect).lower() if c.kind else "", True)
            for c in parsed.find_all(exp.ColumnDef)
        )
        if len(columns) > 1:
            yield Table(name, dialect, columns)


def edited(table: Table, rng: random.Random) -> tuple[list[SchemaColumn], dict[str, tuple[str, str]]]:
    """The table after its edits, and the renames among them: identity before to (identity after, style)."""
    after, truth = [], {}
    taken = {c.identity for c in table.columns}
    for column in table.columns:
        dice = rng.random()
        if dice < 0.12:  # dropped, in a third of the cases with another column in its place
            if rng.random() < 0.33:
                after.append(_new(rng, taken))
            continue
        if dice < 0.37:
            style = rng.choice(list(STYLES))
            name = STYLES[style](column.name, rng)
            if name.lower() not in taken:
                taken.add(name.lower())
                truth[column.identity] = (name.lower(), style)
                kind = "bigint" if column.data_type == "integer" and rng.random() < 0.1 else column.data_type
                after.append(replace(column, name=name, identity=name.lower(), data_type=kind))
                continue
        after.append(column)
    while rng.random() < 0.5:
        place = len(after) if rng.random() < 0.6 else rng.randrange(len(after) + 1)
        after.insert(place, _new(rng, taken))
    if len(after) > 2 and rng.random() < 0.15:
        after.insert(rng.randrange(len(after)), after.pop(rng.randrange(len(after))))
    return after, truth


def _new(rng: random.Random, taken: set[str]) -> SchemaColumn:
    free = [each for each in NEW_COLUMNS if each[0] not in taken]
    name, kind = rng.choice(free) if free else (f"extra_{rng.randrange(10**6)}", "text")
    taken.add(name)
    return SchemaColumn(name, name, kind, True)


@dataclass
class Score:
    """Renames that were found, that were found wrongly, and that there were, in all and by style."""

    right: int = 0
    wrong: int = 0
    total: int = 0
    styles: Counter[str] | None = None
    found: Counter[str] | None = None

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.total)


def score(tables: Sequence[Table], *, ordered: bool, threshold: float = THRESHOLD, rounds: int = 3) -> Score:
    result = Score(styles=Counter(), found=Counter())
    assert result.styles is not None
    assert result.found is not None
    rng = random.Random(7)
    for table in tables:
        for _ in range(rounds):
            after, truth = edited(table, rng)
            pairs = renames(
                table.columns, after, platform=table.platform, ordered=ordered, threshold=threshold
            )
            result.total += len(truth)
            result.styles.update(style for _, style in truth.values())
            for pair in pairs:
                name, style = truth.get(pair.before.identity, ("", ""))
                if name == pair.after.identity:
                    result.right += 1
                    result.found[style] += 1
                else:
                    result.wrong += 1
    return result


def for_tuning(database: str) -> bool:
    return hashlib.blake2b(database.encode()).digest()[0] % 2 == 0


def sets() -> dict[str, list[Table]]:
    """What is reported, by name; none of it sets weights or thresholds."""
    return {
        "Spider, other half": [t for t in spider() if not for_tuning(t.database)],
        "Pagila": [*script("pagila", DATA / "sql" / "pagila" / "pagila-schema.sql", "postgres")],
        "Chinook": [*script("chinook", DATA / "sql" / "chinook" / "chinook-postgres.sql", "postgres")],
    }


def main() -> None:
    if "--tune" in sys.argv:
        tables = [t for t in spider() if for_tuning(t.database)]
        for ordered in (True, False):
            for percent in range(46, 84, 4):
                s = score(tables, ordered=ordered, threshold=percent / 100)
                print(f"{'order' if ordered else 'no order':9} {percent / 100:.2f}  precision {s.precision:.3f}  recall {s.recall:.3f}")  # fmt: skip
        return
    for name, tables in sets().items():
        for ordered in (True, False):
            s = score(tables, ordered=ordered)
            print(
                f"{name}, {'columns in order' if ordered else 'columns in any order'}: {len(tables)} tables, {s.total} renames, "
                f"precision {s.precision:.3f}, recall {s.recall:.3f}"
            )
            if name.startswith("Spider") and s.styles and s.found:
                for style in STYLES:
                    print(f"    {style}: {s.found[style] / max(1, s.styles[style]):.3f} of {s.styles[style]}")


if __name__ == "__main__":
    main()

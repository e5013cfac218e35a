"""Columns of public tables with their real values, labelled by hand; the values stay in clones of the repositories they come from.

Their labels are in ``tests/data/classification/real_tables.psv``, with origin, commit and licence of each table; no value is in
this repository. To make the columns, clone each repository named there to ``CLONES/<owner>/<name>`` and run
``python tests/ml/classify/real_tables.py build CLONES``, which writes ``.real-tables.jsonl.xz`` (or what ``REAL_TABLES`` names).
``python tests/ml/classify/real_tables.py choose CLONES`` prints which tables the rule below takes, with values to label them by.

The rule, written before a table was seen: of each repository and pattern in ``SOURCES`` the first tables by the SHA-256 of their
paths (patterns were written from names of files alone, some of them for tables of people), of those that have a header of 4 or more distinct names and 20 or more rows in UTF-8, and share less than half of their
names with a table taken before; of each table the first 30 columns that are not empty; of each column 50 values by chance.

All was held out at the first measurement. Since then the mistakes of one half of the repositories may be read (``half``); of the
other half nobody who changes rules looks at a column, a label, a mistake or a count by class.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import lzma
import os
import random
import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
LABELS = ROOT / "tests" / "data" / "classification" / "real_tables.psv"
BUILT = Path(os.environ.get("REAL_TABLES", ROOT / ".real-tables.jsonl.xz"))
SET = "Real tables, real values"
VALUES, COLUMNS, ROWS, NAMES, LARGEST = 50, 30, 20, 4, 4 << 20
LONGEST = 300  # characters of a value
_HEADLESS = re.compile(r"[-\d.,:/ ]*")


@dataclass(frozen=True)
class Source:
    """How many tables of a repository to take, of the files whose path the pattern matches; a ``folder`` has one row a file."""

    repository: str
    tables: int
    licence: str
    pattern: str = r"\.(csv|tsv)$"
    folder: bool = False


SOURCES = (
    Source(
        "unitedstates/congress-legislators", 4, "CC0-1.0", r"^(legislators|executive|committees).*\.yaml$"
    ),
    Source("openstates/people", 1, "CC0-1.0", r"^data/\w+/legislature/.*\.yml$", folder=True),
    Source("f1db/f1db", 1, "CC-BY-4.0", r"^src/data/drivers/.*\.yml$", folder=True),
    Source("f1db/f1db", 1, "CC-BY-4.0", r"^src/data/circuits/[^/]*\.yml$", folder=True),
    Source("NationalGalleryOfArt/opendata", 1, "CC0-1.0", r"^data/constituents\.csv$"),
    Source("NationalGalleryOfArt/opendata", 2, "CC0-1.0"),
    Source("tategallery/collection", 1, "CC0-1.0"),
    Source("NYPL-publicdomain/data-and-utilities", 1, "CC0-1.0"),
    Source("fivethirtyeight/data", 5, "CC-BY-4.0"),
    Source("the-pudding/data", 4, "MIT"),
    Source("BuzzFeedNews/nics-firearm-background-checks", 1, "MIT"),
    Source("TheEconomist/big-mac-data", 1, "MIT"),
    Source("cisagov/dotgov-data", 2, "CC0-1.0"),
    Source("cisagov/kev-data", 1, "CC0-1.0"),
    Source("GSA/federal-website-index", 2, "CC0-1.0"),
    Source("CDCgov/prime-simplereport", 1, "CC0-1.0"),
    Source("CDCgov/prime-reportstream", 4, "CC0-1.0"),
    Source("smart-on-fhir/sample-patients", 1, "Apache-2.0", r"^data/patients\.txt$"),
    Source("smart-on-fhir/sample-patients", 4, "Apache-2.0", r"^data/(?!patients)[^/]*\.txt$"),
    Source("Ovi/DummyJSON", 3, "MIT", r"^database/(users|products|carts)\.json$"),
    Source("microsoft/msticpy", 4, "MIT", r"^tests/testdata/.*\.csv$"),
    Source("shopifypartners/product-csvs", 1, "MIT"),
    Source("codeforamerica/brigade-information", 1, "MIT", r"^organizations\.json$"),
    Source("elastic/examples", 1, "Apache-2.0"),
    Source("splunk/eventgen", 2, "Apache-2.0"),
    Source("wireservice/csvkit", 2, "MIT"),
    Source("LibraryCarpentry/lc-open-refine", 3, "CC-BY-4.0"),
    Source("weecology/PortalData", 3, "CC0-1.0"),
    Source("github/innovationgraph", 2, "CC0-1.0"),
    Source("JerBouma/FinanceDatabase", 2, "MIT"),
    Source("datasets/s-and-p-500-companies", 1, "ODC-PDDL-1.0"),
    Source("datasets/nasdaq-listings", 1, "ODC-PDDL-1.0"),
    Source("datasets/un-locode", 1, "ODC-PDDL-1.0"),
    Source("datasets/world-cities", 1, "CC-BY-4.0"),
    Source("datasets/covid-19", 1, "ODC-PDDL-1.0"),
    Source("martj42/international_results", 2, "CC0-1.0"),
    Source("vaastav/Fantasy-Premier-League", 2, "MIT"),
    Source("jokecamp/FootballData", 2, "MIT", r"\.(csv|json)$"),
    Source("footballcsv/england", 1, "CC0-1.0"),
    Source("chadwickbureau/register", 1, "ODC-By-1.0"),
    Source("mysociety/uk_local_authority_names_and_codes", 2, "MIT", r"\.(csv|json)$"),
    Source("Hipo/university-domains-list", 1, "MIT", r"^world_universities.*\.json$"),
    Source("kaz-ogiwara/covid19", 2, "MIT"),
    Source("ondata/elezioni-politiche-2022", 5, "CC-BY-3.0", r"^liste/.*\.csv$"),
    Source("pcm-dpc/COVID-19", 2, "CC-BY-4.0"),
    Source("robert-koch-institut/COVID-19_7-Tage-Inzidenz_in_Deutschland", 1, "CC-BY-4.0"),
    Source("zauberware/postal-codes-json-xml-csv", 1, "CC-BY-4.0", r"^data/\w+\.zip$"),
    Source("codeforspain/ds-organizacion-administrativa", 2, "ODC-PDDL-1.0"),
    Source("datasets-br/city-codes", 3, "ODC-PDDL-1.0"),
    Source("datasets-br/state-codes", 1, "ODC-PDDL-1.0"),
    Source("kelvins/municipios-brasileiros", 2, "MIT"),
    Source("helloworlddata/white-house-salaries", 1, "public domain (work of the US government)"),
)


def _git(clone: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", clone, *arguments], check=True, capture_output=True).stdout


def _files(clone: Path, commit: str) -> Iterator[tuple[str, int]]:
    """Paths and sizes; what a partial clone lacks has no size and is left out."""
    for entry in _git(clone, "ls-tree", "-rlz", commit).decode("utf-8", "replace").split("\0"):
        if entry:
            attributes, path = entry.split("\t", 1)
            size = attributes.split()[3]
            if size.isdigit() and 1000 <= int(size) <= LARGEST:
                yield path, int(size)


def _flat(record: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Nested objects by names joined with underscores; of a list of objects the last, of other lists nothing."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        kept = value[-1] if isinstance(value, list) and value and isinstance(value[-1], dict) else value
        if isinstance(kept, dict):
            flat |= _flat(kept, f"{above}{name}_")
        elif not isinstance(kept, list):
            flat[f"{above}{name}"] = kept
    return flat


def _records(records: Iterable[Any]) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if isinstance(record, dict):
            for name, value in _flat(record).items():
                columns[name].append("" if value is None else str(value))
    return dict(columns)


def _delimited(text: str) -> dict[str, list[str]]:
    first = text.split("\n", 1)[0]
    delimiter = max("\t,;|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = [name.strip() for name in next(reader, [])]
    while header and not header[-1]:
        header.pop()
    if len(set(header)) < len(header) or any(_HEADLESS.fullmatch(name) for name in header[1:]):
        return {}
    rows = [row for row in reader if len(row) >= len(header)]
    return {name or "Unnamed": [row[at].strip() for row in rows] for at, name in enumerate(header)}


def read(clone: Path, commit: str, path: str) -> dict[str, list[str]]:
    """The columns of a table, empty values as empty texts; nothing of what is no table. A path that ends in a slash is a folder."""
    csv.field_size_limit(LARGEST)
    if path.endswith("/"):
        paths, pattern = [p for p, _ in _files_of_any_size(clone, commit)], path[:-1]
        mine = sorted((p for p in paths if re.search(pattern, p)), key=_digest)[:400]
        return _records(yaml.load(_git(clone, "show", f"{commit}:{p}"), yaml.CSafeLoader) for p in mine)
    content = _git(clone, "show", f"{commit}:{path}")
    if path.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            name = next((n for n in sorted(archive.namelist()) if n.endswith(".csv")), "")
            content = archive.read(name) if name else b""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return {}
    if text.startswith("version https://git-lfs"):
        return {}
    if path.endswith((".csv", ".tsv", ".txt", ".zip")):
        return _delimited(text)
    try:
        if path.endswith((".yaml", ".yml")):
            found = yaml.load(text, yaml.CSafeLoader)
        elif path.endswith(".json"):
            found = json.loads(text)
        else:
            found = [json.loads(line) for line in text.splitlines() if line]
    except ValueError:
        return {}
    if isinstance(found, dict):  # {"records": [...]}
        found = next((value for value in found.values() if isinstance(value, list)), [])
    return _records(found) if isinstance(found, list) else {}


def _files_of_any_size(clone: Path, commit: str) -> Iterator[tuple[str, int]]:
    for path in _git(clone, "ls-tree", "-rz", "--name-only", commit).decode("utf-8", "replace").split("\0"):
        if path:
            yield path, 0


def _digest(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()


def _columns(table: dict[str, list[str]]) -> dict[str, list[str]]:
    filled = {name: [v[:LONGEST] for v in values if v] for name, values in table.items()}
    return dict([(name, values) for name, values in filled.items() if values][:COLUMNS])


def chosen(clones: Path) -> Iterator[tuple[Source, str, str, dict[str, list[str]]]]:
    """Each table that the rule takes: its source, commit, path and columns."""
    for source in SOURCES:
        clone = clones / source.repository
        if not clone.exists():
            print(f"no clone of {source.repository}", file=sys.stderr)
            continue
        commit = _git(clone, "rev-parse", "HEAD").decode().strip()
        paths = [path for path, _ in _files(clone, commit) if re.search(source.pattern, path)]
        taken: list[set[str]] = []
        for path in [source.pattern + "/"] if source.folder else sorted(paths, key=_digest):
            if len(taken) == source.tables:
                break
            table = read(clone, commit, path)
            names, rows = set(table), max(map(len, table.values()), default=0)
            if (
                len(names) < NAMES
                or rows < ROWS
                or any(2 * len(names & other) > len(names) for other in taken)
            ):
                continue
            taken.append(names)
            yield source, commit, path, _columns(table)


def drawn(key: str, values: list[str]) -> list[str]:
    """Values by chance, in an order of the column's own, so that no row can be put together again."""
    chance = random.Random(key)
    return chance.sample(values, min(VALUES, len(values)))


def kind(values: list[str]) -> str:
    """The type that pandas would give."""
    if all(re.fullmatch(r"[-+]?\d{1,18}", v) for v in values):
        return "int64"
    if all(re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", v) for v in values):
        return "float64"
    return "bool" if {v.lower() for v in values} <= {"true", "false"} else "object"


def _table(path: str) -> str:
    """The name of a file without its ending, or of a folder."""
    if path.endswith("/"):
        return [part for part in path.split("/") if re.fullmatch(r"\w+", part)][-1]
    return re.sub(r"\W+", "_", Path(path).stem).strip("_")


def labels() -> Iterator[dict[str, Any]]:
    """The labelled columns without values."""
    at: dict[str, str] = {}
    for line in LABELS.read_text("utf-8").splitlines():
        if line.startswith("## "):
            repository, commit, licence, path = line[3:].split(" | ")
            at = {"source": repository, "commit": commit, "licence": licence, "path": path}
        elif line and not line.startswith("#"):
            column, data_type, label = line.rsplit("|", 2)
            yield {**at, "table": _table(at["path"]), "column": column, "type": data_type,
                   "label": None if label in ("", "?") else label, "ignore": label == "?"}  # fmt: skip


def half(repository: str) -> str:
    """``development``, whose mistakes may be read, or ``held-out``: by the parity of the SHA-256 of the repository's name."""
    even = int(hashlib.sha256(repository.encode()).hexdigest(), 16) % 2 == 0
    return "development" if even else "held-out"


def columns() -> list[dict[str, Any]]:
    """The labelled columns with their values, as ``build`` left them; ``part`` is the half of their repository."""
    rows = [json.loads(line) for line in lzma.decompress(BUILT.read_bytes()).decode().splitlines()]
    return [{**row, "part": half(row["source"])} for row in rows]


def build(clones: Path) -> None:
    """Write the labelled columns with their values."""
    tables: dict[tuple[str, str], dict[str, list[str]]] = {}
    lines = []
    for row in labels():
        key = row["source"], row["path"]
        if key not in tables:
            tables[key] = _columns(read(clones / row["source"], row["commit"], row["path"]))
        values = drawn(f"{row['source']} {row['path']} {row['column']}", tables[key][row["column"]])
        lines.append(json.dumps({"set": SET, **row, "values": values}, ensure_ascii=False))
    BUILT.write_bytes(lzma.compress("\n".join(lines).encode()))
    print(f"{len(lines)} columns of {len(tables)} tables in {BUILT}")


def choose(clones: Path) -> None:
    """Print the tables of the rule in the form of the file of labels, each column with some values behind the place of its label."""
    for source, commit, path, columns in chosen(clones):
        print(f"## {source.repository} | {commit} | {source.licence} | {path}")
        for name, values in columns.items():
            some = drawn(f"{source.repository} {path} {name}", values)
            print(
                f"{name}|{kind(values)}|\t\t"
                + " ¦ ".join(v[:40].replace("\n", " ") for v in dict.fromkeys(some[:12]))
            )


if __name__ == "__main__":
    {"build": build, "choose": choose}[sys.argv[1]](Path(sys.argv[2]))

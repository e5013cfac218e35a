"""Metabase's own words in: questions with their SQL or their query by fields, dashboards, databases, tables.

Source: Metabase's API documentation (card, dashboard, database, table) and its query language MBQL, old and new notation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingest.formats.dbt_artifacts import member, text
from ingest.formats.exports import Collected, File, Warehouse, objects, without_credentials
from ingest.formats.extract import Extract, load_json
from ingest.formats.mbql import Use, sources, uses
from schema.domain.catalog import Subtype
from schema.domain.scans import Severity
from schema.errors import BadDocument
from schema.ids import Urn

Item = Mapping[str, Any]
_TAG = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_CARD = re.compile(r"#(\d+)")
_DEEPEST = 10  # questions inside questions
_OPTIONAL = re.compile(r"\[\[|\]\]")


def extract(
    files: Sequence[File], *, namespace: str, warehouses: Mapping[str, Warehouse], url: str = ""
) -> Extract:
    """Everything the answers state; what is none of the known ones is a problem, and so is what cannot be read."""
    return _Reading(Collected(namespace, warehouses), without_credentials(url).rstrip("/")).result(files)


class _Reading:
    """The state of one extraction; everything by its id."""

    def __init__(self, found: Collected, url: str) -> None:
        self._found, self._url = found, url
        self._cards: dict[int, Item] = {}
        self._dashboards: dict[int, Item] = {}
        self._databases: dict[int, Item] = {}
        self._tables: dict[int, Item] = {}
        self._fields: dict[int, tuple[int, str]] = {}  # table and name
        self._users: dict[int, str] = {}

    def result(self, files: Sequence[File]) -> Extract:
        inline: list[Item] = []
        for file in files:
            try:
                found = load_json(file.body, file.name)
            except BadDocument as error:
                self._found.note("BAD_DOCUMENT", file.name, error.message)
                continue
            self._sort(file.name, found, inline)
        for (
            card
        ) in inline:  # what a dashboard repeats of a question counts where the question itself is not told
            if (number := _id(card)) is not None:
                self._cards.setdefault(number, card)
        for number, card in self._cards.items():
            if not card.get("archived"):
                self._question(number, card)
        for number, dashboard in self._dashboards.items():
            if not dashboard.get("archived"):
                self._dashboard(number, dashboard)
        return self._found.extract()

    def _sort(self, name: str, found: object, inline: list[Item]) -> None:
        known = False
        for item in objects(found):
            page = item.get("data")
            for each in objects(page) if isinstance(page, list) else [item]:
                known |= self._keep(each, inline)
        if not known and found != []:
            self._found.note(
                "UNKNOWN_DOCUMENT",
                name,
                "This is no answer of Metabase that is read; it was left out.",
                Severity.INFO,
            )

    def _keep(self, item: Item, inline: list[Item]) -> bool:
        number = _id(item)
        if number is None:
            return "is_personal" in item
        if isinstance(item.get("dataset_query"), dict):
            self._cards[number] = _newer(self._cards.get(number), item)
        elif isinstance(item.get("dashcards", item.get("ordered_cards")), list):
            self._dashboards[number] = _newer(self._dashboards.get(number), item)
            inline += [member(each, "card") for each in _placed(item)]
        elif "engine" in item:
            self._databases[number] = item
            for table in objects(item.get("tables", [])):
                self._keep(table, inline)
        elif "db_id" in item:
            self._tables[number] = {**self._tables.get(number, {}), **item}
            if isinstance(item.get("db"), dict):
                self._keep(item["db"], inline)
            for field in objects(item.get("fields", [])):
                if (field_id := _id(field)) is not None and text(field, "name"):
                    self._fields[field_id] = (number, text(field, "name"))
        elif "email" in item:
            self._users[number] = text(item, "email")
        else:
            return "is_personal" in item or text(item, "model") in ("dashboard", "card", "collection")
        return True

    # Collected

    def _question(self, number: int, card: Item) -> None:
        urn, query = self._chart(number), member(card, "dataset_query")
        warehouse = self._warehouse(query.get("database", card.get("database_id")))
        native = text(member(query, "native"), "query") or next(
            (
                stage["native"]
                for stage in objects(query.get("stages"))
                if isinstance(stage.get("native"), str)
            ),
            "",
        )
        inputs: list[Urn] = []
        if native:
            sql = self._sql(native, urn, query, {number})
            if warehouse is not None:
                self._found.sql(sql, urn, warehouse)
        elif query:
            inputs = [*self._by_fields(card, query, urn, warehouse)]
        self._found.report(
            urn,
            text(card, "name"),
            Subtype.CHART,
            comment=text(card, "description"),
            definition=native,
            inputs=inputs,
            owners=[self._creator(card)],
            properties={
                **self._about("question", number, card),
                "display": text(card, "display"),
                "model": "true" if card.get("dataset") is True or card.get("type") == "model" else "",
            },
        )

    def _dashboard(self, number: int, dashboard: Item) -> None:
        urn = self._found.urn(f"dashboard/{number}")
        for placed in _placed(dashboard):
            for card in (placed, *objects(placed.get("series", []))):
                shown = card.get("card_id") if card is placed else card.get("id")
                if isinstance(shown, int):
                    if shown in self._cards:
                        self._found.feeds(self._chart(shown), urn)
                    else:
                        message = "The dashboard shows a question that the export does not hold."
                        self._found.note("MISSING_QUESTION", f"question/{shown}", message)
        self._found.report(
            urn,
            text(dashboard, "name"),
            Subtype.DASHBOARD,
            comment=text(dashboard, "description"),
            owners=[self._creator(dashboard)],
            properties=self._about("dashboard", number, dashboard),
        )

    def _chart(self, number: int) -> Urn:
        return self._found.urn(f"question/{number}")

    def _creator(self, item: Item) -> str:
        stated = text(member(item, "creator"), "email")
        number = item.get("creator_id")
        known = self._users.get(number, "") if isinstance(number, int) else ""
        last = member(item, "last-edit-info")
        return stated or known or (text(last, "email") if last.get("id") == number else "")

    def _about(self, kind: str, number: int, item: Item) -> dict[str, object]:
        return {
            "url": f"{self._url}/{kind}/{number}" if self._url else "",
            "collection": text(member(item, "collection"), "name"),
            "updated_at": text(item, "updated_at"),
        }

    # Lineage

    def _warehouse(self, database: object) -> Warehouse | None:
        item = self._databases.get(database, {}) if isinstance(database, int) else {}
        return self._found.warehouse(text(item, "name"), str(database) if isinstance(database, int) else "")

    def _sql(self, native: str, urn: Urn, query: Item, seen: set[int]) -> str:
        """The query with Metabase's own parts replaced by what a parser takes for a value, a condition or a table."""
        tags = member(member(query, "native"), "template-tags")

        def replaced(found: re.Match[str]) -> str:
            name = found[1]
            if (card := _CARD.match(name)) is not None:
                return self._card(int(card[1]), urn, seen)
            if name.lower().startswith("snippet:"):
                self._found.note(
                    "SNIPPET", urn.name, "A snippet is not in the export; its part of the SQL is not read."
                )
            return "(1 = 1)" if text(member(tags, name), "type") == "dimension" else "NULL"

        return _TAG.sub(replaced, _OPTIONAL.sub(" ", native))

    def _card(self, number: int, urn: Urn, seen: set[int]) -> str:
        """A question inside another: its SQL where it has some, so that columns are followed to their tables."""
        self._found.feeds(self._chart(number), urn)
        query = member(self._cards.get(number, {}), "dataset_query")
        native = text(member(query, "native"), "query")
        if not native or number in seen or len(seen) > _DEEPEST:
            return "(SELECT NULL AS unknown)"
        return f"({self._sql(native, urn, query, {*seen, number}).rstrip().rstrip(';')})"

    def _by_fields(self, card: Item, query: Item, urn: Urn, warehouse: Warehouse | None) -> Iterator[Urn]:
        """Datasets that a query without SQL reads; their columns and other questions are noted on the way."""
        first: Urn | None = None
        for place, source in enumerate(sources(query)):
            if isinstance(source, str):
                number = source.removeprefix("card__")
                if number.isdigit():
                    self._found.feeds(self._chart(int(number)), urn)
                continue
            table = self._table(source, warehouse)
            first = table if place == 0 else first
            if table is not None:
                yield table
        names = {
            each["id"]: text(each, "name")
            for each in objects(card.get("result_metadata") or [])
            if isinstance(each.get("id"), int)
        }
        for use in uses(query):
            found = self._column(use, names, first, warehouse)
            if found is not None:
                self._found.column(*found, urn, *use.kinds)

    def _column(
        self, use: Use, names: Mapping[int, str], first: Urn | None, warehouse: Warehouse | None
    ) -> tuple[Urn, str] | None:
        if isinstance(use.field, int) and use.field in self._fields:
            number, name = self._fields[use.field]
            table = self._table(number, warehouse)
            return (table, name) if table is not None else None
        name = names.get(use.field, "") if isinstance(use.field, int) else use.field
        # Without a description of the table, a name means a column of the first; of a joined one it cannot be told.
        return (first, name) if first is not None and name and not use.joined else None

    def _table(self, number: int, warehouse: Warehouse | None) -> Urn | None:
        item = self._tables.get(number)
        if item is None:
            message = "The export does not hold this table: lineage of the questions over it is not known."
            self._found.note("MISSING_TABLE", f"table/{number}", message)
            return None
        if warehouse is None or not text(item, "name"):
            return None
        return self._found.table(warehouse, text(item, "name"), text(item, "schema") or None)


def _id(item: Item) -> int | None:
    number = item.get("id")
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _newer(old: Item | None, new: Item) -> Item:
    """Of two answers about one thing, the one that was edited later; what it leaves out is as the other says."""
    if old is None:
        return new
    return {**old, **new} if text(new, "updated_at") >= text(old, "updated_at") else {**new, **old}


def _placed(dashboard: Item) -> Iterator[Item]:
    return objects(dashboard.get("dashcards", dashboard.get("ordered_cards")))

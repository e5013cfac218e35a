"""LookML in: views over tables, SQL or explores, explores over views, dashboards over explores.

Source: Looker's reference of LookML. A view becomes a dataset of Looker whose columns are its fields, by one query that
selects the expressions of the fields from its table or SQL, which the reader of SQL follows to the columns of the warehouse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingest.formats.dbt_artifacts import member, strings, text
from ingest.formats.dbt_relations import relation_parts
from ingest.formats.exports import Collected, File, Warehouse, objects, without_credentials
from ingest.formats.extract import Extract
from ingest.formats.lookml_project import Project, read_project
from ingest.formats.lookml_views import View, fields, query
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.lineage import Transformation
from schema.domain.platforms import column_urn, platform_of
from schema.domain.scans import Severity
from schema.ids import Urn

Item = Mapping[str, Any]


def extract(
    files: Sequence[File], *, namespace: str, warehouses: Mapping[str, Warehouse], url: str = ""
) -> Extract:
    """Everything the project states; a file that cannot be read is a problem."""
    found = Collected(namespace, warehouses)
    return _Reading(found, read_project(files, found), without_credentials(url).rstrip("/")).result()


class _Reading:
    """The state of one extraction."""

    def __init__(self, found: Collected, project: Project, url: str) -> None:
        self._found, self._project, self._url = found, project, url

    def result(self) -> Extract:
        for name, view in self._project.views.items():
            self._view(name, view)
        for (model, name), explore in self._project.explores.items():
            self._explore(model, name, explore)
        for dashboard in self._project.dashboards:
            self._dashboard(dashboard)
        return self._found.extract()

    def _view(self, name: str, view: View) -> None:
        urn, columns = self._dataset(name), fields(view)
        self._found.dataset(
            DiscoveredDataset(
                urn,
                (name,),
                Subtype.BI_DATASET,
                tuple(
                    DiscoveredColumn(
                        each,
                        text(said, "type"),
                        None,
                        n,
                        text(said, "description") or text(said, "label") or None,
                    )
                    for n, (each, said) in enumerate(columns.items(), 1)
                ),
                text(view.said, "description") or text(view.said, "label") or None,
                text(member(view.said, "derived_table"), "sql") or None,
                tags=tuple(dict.fromkeys(tag for said in columns.values() for tag in strings(said, "tags"))),
            )
        )
        source = member(member(view.said, "derived_table"), "explore_source")
        if source:
            self._from_explore(urn, source)
            return
        connection = self._project.connections.get(name, "")
        if not connection:
            message = "No model with a connection includes this view: lineage from its table is not known."
            self._found.note("NO_CONNECTION", name, message, Severity.INFO)
            return
        warehouse = self._found.warehouse(connection)
        if warehouse is None:
            return
        dialect = platform_of(warehouse.namespace).dialect
        sql = query(name, self._project.views, lambda stated: self._table_name(stated, warehouse), dialect)
        if sql is None:
            message = "What this view reads is written in a way that is not followed, such as with Liquid."
            self._found.note("UNREAD_VIEW", name, message)
        else:
            self._found.sql(sql, urn, warehouse)

    def _table_name(self, stated: str, warehouse: Warehouse) -> tuple[str, ...]:
        return relation_parts(stated, platform_of(warehouse.namespace))

    def _from_explore(self, urn: Urn, source: Item) -> None:
        """A view whose rows are those of an explore: its columns are fields of that explore's views."""
        explore = text(source, "name")
        known = next((said for (_, name), said in self._project.explores.items() if name == explore), {})
        for column in objects(source.get("columns") or []):
            stated = text(column, "field") or text(column, "name")
            view, _, field = stated.rpartition(".")
            if (
                found := self._field(self._project.view_of(known, view or explore, explore), field)
            ) is not None:
                name = text(column, "name")
                self._found.feeds(found, column_urn(urn, name), Transformation.IDENTITY)
                self._found.feeds(found.dataset(), urn)

    def _explore(self, model: str, name: str, explore: Item) -> None:
        urn = self._found.urn(f"explore/{model}/{name}")
        views = [view for view in self._project.views_of(name, explore) if view in self._project.views]
        for view in views:
            for column in fields(self._project.views[view]):
                self._found.column(self._dataset(view), column, urn, Transformation.IDENTITY)
        if not views:
            self._found.note(
                "MISSING_VIEW", f"{model}.{name}", "The project does not hold the views of this explore."
            )
        self._found.report(
            urn,
            text(explore, "label") or name,
            Subtype.EXPLORE,
            comment=text(explore, "description"),
            inputs=[self._dataset(view) for view in views],
            tags=strings(explore, "tags"),
            properties={"model": model, "url": f"{self._url}/explore/{model}/{name}" if self._url else ""},
        )

    def _dashboard(self, dashboard: Item) -> None:
        name = text(dashboard, "dashboard")
        urn, views = self._found.urn(f"dashboard/{name}"), dict[str, None]()
        for element in (*objects(dashboard.get("elements") or []), *objects(dashboard.get("filters") or [])):
            model, explore = text(element, "model"), text(element, "explore")
            said = self._project.explores.get((model, explore))
            if said is not None:
                self._found.feeds(self._found.urn(f"explore/{model}/{explore}"), urn)
            for stated in (*strings(element, "fields"), *strings(element, "field")):
                alias, _, field = stated.rpartition(".")
                view = self._project.view_of(said or {}, alias, explore)
                if (found := self._field(view, field)) is not None:
                    views[view] = None
                    kind = Transformation.IDENTITY if element.get("fields") else Transformation.FILTER
                    self._found.feeds(found, urn, kind)
        self._found.report(
            urn,
            text(dashboard, "title") or name,
            Subtype.DASHBOARD,
            comment=text(dashboard, "description"),
            inputs=[self._dataset(view) for view in views],
            properties={"url": f"{self._url}/dashboards/{name}" if self._url else ""},
        )

    def _field(self, view: str, field: str) -> Urn | None:
        """A field of a view; of a group of times the group, whichever of its times is named."""
        if view not in self._project.views:
            return None
        known = fields(self._project.views[view])
        group = next((each for each in known if field.startswith(f"{each}_")), "")
        name = field if field in known else group
        return column_urn(self._dataset(view), name) if name else None

    def _dataset(self, view: str) -> Urn:
        return Urn("dataset", self._found.namespace, view)

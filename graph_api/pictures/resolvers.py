"""The entry point for documents of lineage."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph_api.as_of import AsOf
from graph_api.catalog.types import IncludeIndirect
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import Direction, LineageExportFormat
from graph_api.lineage.filters import LineageEdgeFilter
from graph_api.pictures.exporting import export
from graph_api.pictures.formats import Format
from graph_api.pictures.questions import MOST_EXPORTED, question_of
from graph_api.pictures.types import LineageExport


@strawberry.type
class LineageExportQueries:
    @strawberry.field(
        description="What surrounds an asset in lineage as a document, at most 5,000 assets. Null where the caller may not see the asset.",
        extensions=[Compiled()],
    )
    async def lineage_export(
        self,
        info: Info,
        urn: Annotated[str, strawberry.argument(description="Urn of the asset in the middle.")],
        format: Annotated[LineageExportFormat, strawberry.argument(description="What to write.")],
        direction: Annotated[
            Direction, strawberry.argument(description="Which ways to walk.")
        ] = Direction.BOTH,
        max_hops: Annotated[
            int | None, strawberry.argument(description="How far to walk, 1 or more; null to the end.")
        ] = 3,
        include_indirect: IncludeIndirect = False,
        columns: Annotated[
            bool,
            strawberry.argument(
                description="For a dataset: also those columns of the assets that exchange something with its columns."
            ),
        ] = False,
        edges: Annotated[
            LineageEdgeFilter | None, strawberry.argument(description="Narrows what the walk passes.")
        ] = None,
        as_of: Annotated[
            AsOf | None, strawberry.argument(description="As of this point in time; null for now.")
        ] = None,
    ) -> LineageExport | None:
        wanted = question_of(
            info.context,
            urn,
            direction,
            max_hops,
            include_indirect,
            edges,
            as_of,
            most=MOST_EXPORTED,
            most_columns=MOST_EXPORTED if columns else 0,
        )
        found = await export(info.context, wanted, Format(format.value))
        return None if found is None else LineageExport.of(*found, wanted.walk)

"""Incident entry points: parse, read or command, map."""

from __future__ import annotations

from typing import Annotated

import strawberry

from cypher.incidents import reads
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import IncidentState
from graph_api.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from graph_api.incidents import loaders
from graph_api.incidents.types import Incident, IncidentConnection
from graph_api.node import key_of
from graph_api.paging import After, Before, First, Last, Page
from graph_api.values import values_of
from ingest.commands import incidents as commands
from schema.errors import NotFound

IncidentId = Annotated[strawberry.ID, strawberry.argument(description="Opaque id of an incident.")]


@strawberry.input(description="Narrows a list of incidents; all that is given must hold.")
class IncidentFilter:
    dataset: str | None = strawberry.field(default=None, description="Urn of the dataset.")
    states: list[IncidentState] | None = strawberry.field(default=None, description="One of these states.")


@strawberry.type
class IncidentQueries:
    @strawberry.field(
        description="Incidents about datasets that the caller may see, newest first.", extensions=[Compiled()]
    )
    async def incidents(
        self,
        info: Info,
        filter: Annotated[IncidentFilter | None, strawberry.argument(description="Narrows the list.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> IncidentConnection:
        page = Page.of("incidents", (str, str), first=first, after=after, last=last, before=before)
        given = filter or IncidentFilter()
        rows = await reads.page(
            info.context.graph,
            info.context.scope,
            dataset=given.dataset,
            states=values_of(given.states),
            **page.keyset,
        )
        return IncidentConnection.of(
            page, rows, key=lambda row: (row["opened_at"], row["id"]), node=Incident.of
        )


@strawberry.type(description="Somebody sees to the incident.")
class IncidentAcknowledgeSuccess:
    incident: Incident = strawberry.field(description="The incident as it is now.")


@strawberry.type(description="The incident is seen to.")
class IncidentResolveSuccess:
    incident: Incident = strawberry.field(description="The incident as it is now.")


IncidentAcknowledgeResult = Annotated[
    IncidentAcknowledgeSuccess | NotFoundError | ConflictError | InvalidInputError | ForbiddenError,
    strawberry.union("IncidentAcknowledgeResult", description="The incident, or why it was not changed."),
]
IncidentResolveResult = Annotated[
    IncidentResolveSuccess | NotFoundError | ConflictError | InvalidInputError | ForbiddenError,
    strawberry.union("IncidentResolveResult", description="The incident, or why it was not changed."),
]


async def _incident(info: Info, key: int) -> Incident:
    info.context.loaders.clear()  # what was read before the change is out of date
    row = await info.context.loader(loaders.by_keys).load(key)
    if row is None:
        raise NotFound("incident", str(key), path=("id",))
    return Incident.of(row)


@strawberry.type
class IncidentMutations:
    @strawberry.mutation(description="Say that one sees to an incident. Needs EDIT.")
    async def incident_acknowledge(
        self,
        info: Info,
        id: IncidentId,
        reason: Annotated[str, strawberry.argument(description="A remark, for the audit trail.")] = "",
    ) -> IncidentAcknowledgeResult:
        context, key = info.context, key_of("Incident", id)
        await commands.acknowledge(context.graph, context.principal, key=key, reason=reason)
        return IncidentAcknowledgeSuccess(incident=await _incident(info, key))

    @strawberry.mutation(description="Say that an incident is seen to, and how. Needs EDIT.")
    async def incident_resolve(
        self,
        info: Info,
        id: IncidentId,
        reason: Annotated[str, strawberry.argument(description="What was done about it; not empty.")],
    ) -> IncidentResolveResult:
        context, key = info.context, key_of("Incident", id)
        await commands.resolve(context.graph, context.principal, key=key, reason=reason)
        return IncidentResolveSuccess(incident=await _incident(info, key))

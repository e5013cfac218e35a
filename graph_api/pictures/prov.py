"""A picture as W3C PROV-O in JSON-LD: assets are entities, jobs are activities.

Source: PROV-O (W3C Recommendation of 30 April 2013), JSON-LD 1.1. A value that flows is a derivation; a column that only
filters, joins, groups or orders is an influence.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import quote

import orjson

from graph_api.pictures.model import Assertion, Job, Node, Picture

_OWN = "urn:pursight:ns:"
# None of the names may be the scheme of an IRI, or it would be read as a prefix of it.
_NAMES = ("kind", "subtype", "platform", "source", "domain", "sensitivity", "question", "completeness")
_SAID = ("transformation", "origin", "confidence", "firstSeen", "lastSeen")
_REFERENCES = ("wasDerivedFrom", "wasInfluencedBy", "wasGeneratedBy", "used", "hadMember", "entity", "hadActivity",
               "qualifiedDerivation", "qualifiedInfluence", "influencer")  # fmt: skip
CONTEXT: dict[str, Any] = {
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "label": "http://www.w3.org/2000/01/rdf-schema#label",
    **{name: {"@id": f"prov:{name}", "@type": "@id"} for name in _REFERENCES},
    **{name: f"{_OWN}{name}" for name in (*_NAMES, *_SAID, "assetUrn", "complete", "start")},
    "firstSeen": {"@id": f"{_OWN}firstSeen", "@type": "xsd:dateTime"},
    "lastSeen": {"@id": f"{_OWN}lastSeen", "@type": "xsd:dateTime"},
    "start": {"@id": f"{_OWN}start", "@type": "@id"},
}


def write(picture: Picture) -> bytes:
    """The document in UTF-8."""
    return orjson.dumps({"@context": CONTEXT, "@graph": _graph(picture)})


def iri(urn: str) -> str:
    """The IRI of an asset: its urn, with what an IRI cannot hold written as percent-encoded bytes."""
    return f"urn:pursight:{quote(urn, safe=':/~@!$&()*+,;=')}"


def _graph(picture: Picture) -> list[dict[str, Any]]:
    entities = {node.urn: _entity(node) for node in picture.nodes}
    for node in picture.nodes:
        if node.dataset and (held := entities.get(node.dataset.urn)):
            held["@type"] = ["prov:Entity", "prov:Collection"]
            held.setdefault("hadMember", []).append(iri(node.urn))
    used: dict[Job, dict[str, None]] = defaultdict(dict)
    for edge in picture.edges:
        up, down = iri(edge.upstream), entities[edge.downstream]
        if edge.past_hidden:
            _once(down, "wasInfluencedBy", up)
        for said in edge.assertions:
            plain, qualified = (
                ("wasInfluencedBy", "qualifiedInfluence")
                if said.indirect
                else ("wasDerivedFrom", "qualifiedDerivation")
            )
            _once(down, plain, up)
            down.setdefault(qualified, []).append(_qualified(up, said))
            if said.job:
                used[said.job][up] = None
                _once(down, "wasGeneratedBy", iri(said.job.urn))
    activities = [
        {
            "@id": iri(job.urn),
            "@type": "prov:Activity",
            "label": job.name,
            "assetUrn": job.urn,
            "used": list(used[job]),
        }
        for job in sorted(used, key=lambda job: job.urn)
    ]
    return [_document(picture), *entities.values(), *activities]


def _document(picture: Picture) -> dict[str, Any]:
    """The statement on the picture itself."""
    return {
        "@type": "prov:Entity",
        "label": picture.title,
        "start": iri(picture.start),
        "question": picture.question,
        "complete": picture.lacks is None,
        "completeness": picture.completeness,
    }


def _entity(node: Node) -> dict[str, Any]:
    told = {
        "@id": iri(node.urn),
        "@type": "prov:Entity",
        "label": node.path or node.name,
        "assetUrn": node.urn,
        **{name: getattr(node, name) for name in _NAMES if hasattr(node, name)},
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _once(entity: dict[str, Any], name: str, value: str) -> None:
    values = entity.setdefault(name, [])
    if value not in values:
        values.append(value)


def _qualified(up: str, said: Assertion) -> dict[str, Any]:
    """One asserter's own word on it."""
    told: dict[str, Any] = {
        "@type": "prov:Influence" if said.indirect else "prov:Derivation",
        "influencer" if said.indirect else "entity": up,
        "hadActivity": iri(said.job.urn) if said.job and not said.indirect else None,
        "transformation": list(said.transformations),
        "origin": said.origin,
        "confidence": said.confidence,
        "firstSeen": said.first_seen,
        "lastSeen": said.last_seen,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}

"""A picture as GraphML, with a type for every attribute, as graph tools read it.

Source: the GraphML specification, version 1.0. Ids are numbered, since they must be name tokens of XML and urns are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from graph_api.pictures.model import Edge, Node, Picture, printable

Value = str | int | float | bool
_TYPES = {str: "string", int: "int", float: "double", bool: "boolean"}
_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"


def write(picture: Picture) -> bytes:
    """The graph as an XML document in UTF-8."""
    return "".join(_parts(picture)).encode()


def _parts(picture: Picture) -> Iterator[str]:
    graph = _graph(picture)
    nodes = [_node(node, picture) for node in picture.nodes]
    edges = [_edge(edge) for edge in picture.edges]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<!-- {printable(picture.completeness).replace('--', '- -')} -->\n"
    yield f'<graphml xmlns="{_NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    yield f'xsi:schemaLocation="{_NAMESPACE} {_NAMESPACE}/1.0/graphml.xsd">\n'
    for domain, sample in (("graph", [graph]), ("node", nodes), ("edge", edges)):
        for name, kind in _kinds(sample).items():
            yield f'<key id="{domain}-{name}" for="{domain}" attr.name="{name}" attr.type="{kind}"/>\n'
    yield '<graph id="g" edgedefault="directed">\n'
    yield from _data("graph", graph)
    ids = {node.urn: f"n{number}" for number, node in enumerate(picture.nodes)}
    for node, values in zip(picture.nodes, nodes, strict=True):
        yield f'<node id="{ids[node.urn]}">'
        yield from _data("node", values)
        yield "</node>\n"
    for number, (edge, values) in enumerate(zip(picture.edges, edges, strict=True)):
        yield f'<edge id="e{number}" source="{ids[edge.upstream]}" target="{ids[edge.downstream]}">'
        yield from _data("edge", values)
        yield "</edge>\n"
    yield "</graph>\n</graphml>\n"


def _kinds(values: list[dict[str, Value]]) -> dict[str, str]:
    return {name: _TYPES[type(value)] for each in values for name, value in each.items()}


def _data(domain: str, values: Mapping[str, Value]) -> Iterator[str]:
    for name, value in values.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield f"<data key={quoteattr(f'{domain}-{name}')}>{escape(printable(text))}</data>"


def _graph(picture: Picture) -> dict[str, Value]:
    return {
        "start": picture.start,
        "question": picture.question,
        "completeness": picture.completeness,
        "complete": picture.lacks is None,
    }


def _node(node: Node, picture: Picture) -> dict[str, Value]:
    group = node.holders[0] if node.holders else None
    return {
        "urn": node.urn,
        "label": node.name,
        "path": node.path,
        "kind": node.kind,
        "subtype": node.subtype or "",
        "platform": node.platform,
        "source": node.source,
        "domain": node.domain,
        "sensitivity": node.sensitivity,
        "level": node.level,
        "start": node.urn == picture.start,
        "group": group.urn if group else "",
        "moreUpstream": node.more_upstream,
        "moreDownstream": node.more_downstream,
    }


def _edge(edge: Edge) -> dict[str, Value]:
    return {
        "transformations": " ".join(edge.transformations),
        "indirect": edge.indirect,
        "pastHidden": edge.past_hidden,
        "origins": " ".join(dict.fromkeys(each.origin for each in edge.assertions)),
        "jobs": " ".join(job.urn for job in edge.jobs),
        "confidence": max((each.confidence for each in edge.assertions), default=0.0),
        "firstSeen": min((each.first_seen for each in edge.assertions), default=""),
        "lastSeen": max((each.last_seen for each in edge.assertions), default=""),
    }

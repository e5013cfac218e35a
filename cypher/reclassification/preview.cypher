// The previews of these runs that are still kept, of sources that the reader may see.
// mode:    read
// params:  ids: list[str], now_ms: int, clearance: int, domains: list[str]
// returns: preview: map
// budget:  50 ms
UNWIND $ids AS id
MATCH (p:ReclassificationPreview {id: id})<-[:PREVIEWS]-(r:Run)-[:SCANS]->(s:Asset)
WHERE p.expires_ms > $now_ms AND s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
RETURN p {.*, state: r.state, source: s.name} AS preview

// Since when assets are stale, so that those of a source are found without looking at all of its assets.
MATCH (a:Asset) WHERE a.status = 'STALE' AND a.stale_since IS NULL
CALL (a) { SET a.stale_since = coalesce(a.recorded_at, a.last_seen, a.first_seen) } IN TRANSACTIONS OF 5000 ROWS;
CREATE RANGE INDEX asset_source_stale IF NOT EXISTS FOR (a:Asset) ON (a.source, a.stale_since);
// Who may approve runs in whose place.
CREATE CONSTRAINT approval_delegation_id IF NOT EXISTS FOR (d:ApprovalDelegation) REQUIRE d.id IS UNIQUE;
CREATE RANGE INDEX approval_delegation_holder IF NOT EXISTS FOR (d:ApprovalDelegation) ON (d.holder);
// What all sources together were read on a day.
CREATE RANGE INDEX source_used_day IF NOT EXISTS FOR (s:Source) ON (s.used_day);

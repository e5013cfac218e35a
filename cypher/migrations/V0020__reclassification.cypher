// By what a dataset was judged stands beside the fingerprint of its structure, no longer in it; previews of judging anew.
CREATE CONSTRAINT vocabulary_version_id IF NOT EXISTS FOR (v:VocabularyVersion) REQUIRE v.id IS UNIQUE;
CREATE CONSTRAINT reclassification_preview_id IF NOT EXISTS FOR (p:ReclassificationPreview) REQUIRE p.id IS UNIQUE;
CREATE CONSTRAINT reclassification_change_id IF NOT EXISTS FOR (c:ReclassificationChange) REQUIRE c.id IS UNIQUE;
CREATE RANGE INDEX reclassification_preview_expires IF NOT EXISTS FOR (p:ReclassificationPreview) ON (p.expires_ms);
CREATE RANGE INDEX dataset_judged_by IF NOT EXISTS FOR (d:Dataset) ON (d.judged_by);
MATCH (d:Dataset) WHERE size(split(d.fingerprint, ':')) = 3
OPTIONAL MATCH (s:Asset {urn: 'source:' + d.source})
CALL (d, s) {
  WITH d, s, split(d.fingerprint, ':') AS parts
  SET d.fingerprint = parts[0] + ':' + parts[2],
      d.judged_by = CASE WHEN coalesce(s.options, '') CONTAINS '"classify": false' THEN null ELSE parts[1] END,
      d.judged_at = d.last_seen
} IN TRANSACTIONS OF 2000 ROWS;

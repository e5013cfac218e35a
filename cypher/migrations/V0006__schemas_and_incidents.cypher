// Versions of schemas are found by the run that made them; incidents are listed newest first. What is known before versions
// were kept is version 1, whose digest is not known until the dataset is written again.
CREATE RANGE INDEX schema_version_run IF NOT EXISTS FOR (v:SchemaVersion) ON (v.run);
CREATE CONSTRAINT incident_id IF NOT EXISTS FOR (i:Incident) REQUIRE i.id IS UNIQUE;
CREATE CONSTRAINT incident_key IF NOT EXISTS FOR (i:Incident) REQUIRE i.key IS UNIQUE;
CREATE RANGE INDEX incident_opened_at IF NOT EXISTS FOR (i:Incident) ON (i.opened_at);
MATCH (d:Dataset) WHERE d.schema_version IS NULL AND d.status = 'ACTIVE'
CALL (d) {
  MATCH (d)-[:CONTAINS]->(c:Column)
  WITH d, max(coalesce(c.recorded_at, c.first_seen)) AS at, count(CASE WHEN c.status = 'ACTIVE' AND NOT coalesce(c.stub, false) THEN c END) AS columns
  WHERE columns > 0
  SET d.schema_version = 1, d.schema_digest = ''
  CREATE (d)-[:HAS_SCHEMA]->(:SchemaVersion {number: 1, digest: '', valid_from: coalesce(d.valid_from, d.first_seen),
    recorded_at: at, source: d.described_by, ordered: coalesce(d.described_by = d.source, false), gone: false, breaking: false})
} IN TRANSACTIONS OF 1000 ROWS

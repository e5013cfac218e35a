// A machine's verdicts on assets. What a person decided keeps its status, and only the evidence is refreshed.
// mode:    write
// params:  rows: list[map], at: str, valid: str, run: str
// returns: written: int
// budget:  400 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
MATCH (c:Classification {name: row.classification})
MERGE (a)-[v:CLASSIFIED_AS]->(c)
  ON CREATE SET v.status = 'SUGGESTED', v.valid_from = $valid, v.recorded_at = $at, v.recorded_run = $run,
                v.origin = row.origin
SET v.tier = row.tier, v.confidence = row.confidence, v.reason = row.reason, v.classifier = row.classifier,
    v.classifier_version = row.classifier_version, v.run = $run, v.last_seen = $at
RETURN count(v) AS written

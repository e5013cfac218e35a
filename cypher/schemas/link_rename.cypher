// A column that is another one under a new name, with the owners that people gave it.
// mode:    write
// params:  old: str, new: str, owners: list[str], by: str, at: str
// returns: linked: int
// budget:  50 ms
MATCH (o:Asset {urn: $old})
MATCH (n:Asset {urn: $new})
MERGE (o)-[r:RENAMED_TO]->(n)
  ON CREATE SET r.by = $by, r.at = $at
CALL (n) {
  UNWIND $owners AS name
  MATCH (p:Person {name: name})
  MERGE (p)-[owns:OWNS]->(n)
    ON CREATE SET owns.by = $by, owns.at = $at
}
RETURN count(r) AS linked

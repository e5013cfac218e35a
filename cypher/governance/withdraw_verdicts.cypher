// Verdicts that rules gave to these assets before and did not give again; a person's verdict stays.
// mode:    write
// params:  urns: list[str], origin: str, run: str
// returns: withdrawn: int
// budget:  300 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})-[v:CLASSIFIED_AS]->(:Classification)
WHERE v.origin = $origin AND v.run <> $run AND v.decided_by IS NULL
DELETE v
RETURN count(*) AS withdrawn

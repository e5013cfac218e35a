// Keep a trained model as bytes.
// mode:    write
// params:  digest: str, data: bytes
// returns: digest: str
// budget:  200 ms
MERGE (d:ClassificationModelArtefact {digest: $digest})
SET d.data = $data
RETURN d.digest AS digest

// A trained model as bytes.
// mode:    read
// params:  digest: str
// returns: data: bytes
// budget:  100 ms
MATCH (d:ClassificationModelArtefact {digest: $digest})
RETURN d.data AS data

// What a run changed is found by the run: states of assets, edges, verdicts, keys and labels that it made or closed.
CREATE RANGE INDEX asset_recorded_run_urn IF NOT EXISTS FOR (a:Asset) ON (a.recorded_run, a.urn);
CREATE RANGE INDEX asset_state_recorded_run IF NOT EXISTS FOR (s:AssetState) ON (s.recorded_run);
CREATE RANGE INDEX feeds_recorded_run IF NOT EXISTS FOR ()-[e:FEEDS]-() ON (e.recorded_run);
CREATE RANGE INDEX influences_recorded_run IF NOT EXISTS FOR ()-[e:INFLUENCES]-() ON (e.recorded_run);
CREATE RANGE INDEX fed_recorded_run IF NOT EXISTS FOR ()-[e:FED]-() ON (e.recorded_run);
CREATE RANGE INDEX fed_closed_run IF NOT EXISTS FOR ()-[e:FED]-() ON (e.closed_run);
CREATE RANGE INDEX verdict_recorded_run IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.recorded_run);
CREATE RANGE INDEX verdict_evidence_run IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.evidence_run);
CREATE RANGE INDEX past_verdict_recorded_run IF NOT EXISTS FOR ()-[v:WAS_CLASSIFIED_AS]-() ON (v.recorded_run);
CREATE RANGE INDEX past_verdict_closed_run IF NOT EXISTS FOR ()-[v:WAS_CLASSIFIED_AS]-() ON (v.closed_run);
CREATE RANGE INDEX references_recorded_run IF NOT EXISTS FOR ()-[r:REFERENCES]-() ON (r.recorded_run);
CREATE RANGE INDEX tagged_recorded_run IF NOT EXISTS FOR ()-[r:TAGGED]-() ON (r.recorded_run);
CREATE RANGE INDEX owns_recorded_run IF NOT EXISTS FOR ()-[r:OWNS]-() ON (r.recorded_run);
CREATE RANGE INDEX incident_run IF NOT EXISTS FOR (i:Incident) ON (i.run);

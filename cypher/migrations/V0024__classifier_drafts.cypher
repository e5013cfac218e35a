// Classifiers that are tried before they are saved; when inherited classifications came and went.
CREATE CONSTRAINT classifier_draft_id IF NOT EXISTS FOR (d:ClassifierDraft) REQUIRE d.id IS UNIQUE;
CREATE RANGE INDEX classifier_draft_expires IF NOT EXISTS FOR (d:ClassifierDraft) ON (d.expires_ms);
CREATE RANGE INDEX inherited_recorded_at IF NOT EXISTS FOR ()-[i:INHERITS]-() ON (i.recorded_at);
CREATE RANGE INDEX past_inherited_recorded_at IF NOT EXISTS FOR ()-[i:WAS_INHERITS]-() ON (i.recorded_at);
CREATE RANGE INDEX past_inherited_closed_at IF NOT EXISTS FOR ()-[i:WAS_INHERITS]-() ON (i.closed_at);

// Classifiers of one's own with their versions, and which vocabulary is in force.
CREATE CONSTRAINT classifier_definition_name IF NOT EXISTS FOR (d:ClassifierDefinition) REQUIRE d.name IS UNIQUE;
CREATE CONSTRAINT classifier_version_id IF NOT EXISTS FOR (v:ClassifierVersion) REQUIRE v.id IS UNIQUE;
CREATE CONSTRAINT classifier_vocabulary_id IF NOT EXISTS FOR (v:ClassifierVocabulary) REQUIRE v.id IS UNIQUE;
// Filters by a classification find what is narrower by this list, in which it stands itself; the next sync completes it.
MATCH (c:Classification) WHERE c.wider IS NULL
SET c.wider = [c.name], c.enabled = true, c.built_in = true, c.deleted = false;

// Versions of the trained model with their figures, and those that can judge as bytes, by digest.
CREATE CONSTRAINT classification_model_number IF NOT EXISTS FOR (m:ClassificationModel) REQUIRE m.number IS UNIQUE;
CREATE CONSTRAINT classification_model_artefact_digest IF NOT EXISTS FOR (d:ClassificationModelArtefact) REQUIRE d.digest IS UNIQUE;

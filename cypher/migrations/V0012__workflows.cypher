// Workflows of one's own with their versions, and the sources whose plans name one.
CREATE CONSTRAINT workflow_definition_name IF NOT EXISTS FOR (d:WorkflowDefinition) REQUIRE d.name IS UNIQUE;
CREATE CONSTRAINT workflow_version_id IF NOT EXISTS FOR (v:WorkflowVersion) REQUIRE v.id IS UNIQUE;
CREATE RANGE INDEX source_scan_workflow IF NOT EXISTS FOR (s:Source) ON (s.scan_workflow);

// Who asked to read rows of what, and what somebody else decided about it.
CREATE CONSTRAINT sample_request_id IF NOT EXISTS FOR (r:SampleRequest) REQUIRE r.id IS UNIQUE;
CREATE RANGE INDEX sample_request_dataset IF NOT EXISTS FOR (r:SampleRequest) ON (r.dataset);

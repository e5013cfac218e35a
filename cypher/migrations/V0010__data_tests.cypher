// Results of data tests: the same result read twice is one node.
CREATE CONSTRAINT data_test_result_id IF NOT EXISTS FOR (r:DataTestResult) REQUIRE r.id IS UNIQUE;

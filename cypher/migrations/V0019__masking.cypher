// How values of samples are masked where that is not as shipped, and the key by which equal values get equal marks.
CREATE CONSTRAINT masking_rule_id IF NOT EXISTS FOR (m:MaskingRule) REQUIRE m.id IS UNIQUE;
CREATE CONSTRAINT masking_key_id IF NOT EXISTS FOR (k:MaskingKey) REQUIRE k.id IS UNIQUE;

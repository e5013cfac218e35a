// What was asked of assets by day, and who asked: figures by their identity, old ones by the source that told of them.
CREATE CONSTRAINT usage_day_id IF NOT EXISTS FOR (u:UsageDay) REQUIRE u.id IS UNIQUE;
CREATE RANGE INDEX usage_day_source IF NOT EXISTS FOR (u:UsageDay) ON (u.source, u.day);
CREATE CONSTRAINT usage_reader_id IF NOT EXISTS FOR (r:UsageReader) REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT account_id IF NOT EXISTS FOR (p:Account) REQUIRE p.id IS UNIQUE;
CREATE RANGE INDEX joined_with_source IF NOT EXISTS FOR ()-[j:JOINED_WITH]-() ON (j.source, j.day);

// Assets: identity, lists in keyset order, search by words and by meaning.
CREATE CONSTRAINT asset_urn IF NOT EXISTS FOR (a:Asset) REQUIRE a.urn IS UNIQUE;
CREATE CONSTRAINT asset_key IF NOT EXISTS FOR (a:Asset) REQUIRE a.key IS UNIQUE;
CREATE RANGE INDEX asset_name_lower IF NOT EXISTS FOR (a:Asset) ON (a.name_lower);
CREATE RANGE INDEX asset_kind_urn IF NOT EXISTS FOR (a:Asset) ON (a.kind, a.urn);
CREATE RANGE INDEX asset_source_kind_urn IF NOT EXISTS FOR (a:Asset) ON (a.source, a.kind, a.urn);
CREATE FULLTEXT INDEX asset_text IF NOT EXISTS FOR (a:Asset) ON EACH [a.name, a.search_text, a.description, a.comment]
  OPTIONS {indexConfig: {`fulltext.analyzer`: 'standard-no-stop-words'}};
CREATE VECTOR INDEX asset_embedding IF NOT EXISTS FOR (a:Asset) ON a.embedding WITH [a.sensitivity, a.domain, a.kind]
  OPTIONS {indexConfig: {`vector.dimensions`: 384, `vector.similarity_function`: 'cosine'}};

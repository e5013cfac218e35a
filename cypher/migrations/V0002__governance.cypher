// Tags, people, classifications: few nodes, found by name or by the key in their opaque id.
CREATE CONSTRAINT tag_name IF NOT EXISTS FOR (t:Tag) REQUIRE t.name IS UNIQUE;
CREATE CONSTRAINT tag_key IF NOT EXISTS FOR (t:Tag) REQUIRE t.key IS UNIQUE;
CREATE CONSTRAINT person_name IF NOT EXISTS FOR (p:Person) REQUIRE p.name IS UNIQUE;
CREATE CONSTRAINT person_key IF NOT EXISTS FOR (p:Person) REQUIRE p.key IS UNIQUE;
CREATE CONSTRAINT classification_name IF NOT EXISTS FOR (c:Classification) REQUIRE c.name IS UNIQUE;
CREATE CONSTRAINT classification_key IF NOT EXISTS FOR (c:Classification) REQUIRE c.key IS UNIQUE;

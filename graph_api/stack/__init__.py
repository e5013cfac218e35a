"""The embedded stack: Neo4j, Redis, the API and a worker, started and supervised under one data folder."""

// Checks of sources: by when the next one is due, when health last changed; hours and the latest checks, by source and time.
CREATE RANGE INDEX source_next_check_ms IF NOT EXISTS FOR (s:Source) ON (s.next_check_ms);
CREATE RANGE INDEX source_health_ms IF NOT EXISTS FOR (s:Source) ON (s.health_ms);
CREATE CONSTRAINT health_hour_id IF NOT EXISTS FOR (h:HealthHour) REQUIRE h.id IS UNIQUE;
CREATE RANGE INDEX health_hour_hour IF NOT EXISTS FOR (h:HealthHour) ON (h.hour);
CREATE RANGE INDEX health_hour_source_hour IF NOT EXISTS FOR (h:HealthHour) ON (h.source, h.hour);
CREATE CONSTRAINT health_check_id IF NOT EXISTS FOR (c:HealthCheck) REQUIRE c.id IS UNIQUE;
CREATE RANGE INDEX health_check_source_at IF NOT EXISTS FOR (c:HealthCheck) ON (c.source, c.at);
// Sources that are registered already are checked from now on.
MATCH (s:Source) WHERE s.registered AND s.next_check_ms IS NULL SET s.next_check_ms = 0;

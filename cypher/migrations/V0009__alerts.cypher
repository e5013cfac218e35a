// Channels that are told of events, and what is to be told: deliveries by when they are tried next, which settled ones have not.
CREATE CONSTRAINT alert_channel_id IF NOT EXISTS FOR (c:AlertChannel) REQUIRE c.id IS UNIQUE;
CREATE CONSTRAINT alert_channel_key IF NOT EXISTS FOR (c:AlertChannel) REQUIRE c.key IS UNIQUE;
CREATE CONSTRAINT alert_channel_name IF NOT EXISTS FOR (c:AlertChannel) REQUIRE c.name IS UNIQUE;
CREATE CONSTRAINT alert_delivery_id IF NOT EXISTS FOR (d:AlertDelivery) REQUIRE d.id IS UNIQUE;
CREATE RANGE INDEX alert_delivery_at IF NOT EXISTS FOR (d:AlertDelivery) ON (d.at);
CREATE RANGE INDEX alert_delivery_channel_next IF NOT EXISTS FOR (d:AlertDelivery) ON (d.channel, d.next_ms);
CREATE RANGE INDEX alert_delivery_channel_at IF NOT EXISTS FOR (d:AlertDelivery) ON (d.channel, d.at);

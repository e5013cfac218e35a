// What time it is by the server's clock.
// mode:    read
// params:
// returns: now: int
// budget:  20 ms
RETURN datetime.realtime().epochMillis AS now

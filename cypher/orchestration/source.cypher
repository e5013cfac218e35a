// What decides how a run of a registered source begins, locked until the transaction ends.
// mode:    write
// params:  source: str
// returns: plan: str, options: str, sensitivity: int, connector: str, config: str, platform: str, domain: str, namespace: str
// budget:  50 ms
MATCH (s:Asset {urn: $source})
WHERE s.registered
SET s.lock = 'run'
RETURN s.plan AS plan, s.options AS options, s.sensitivity AS sensitivity, s.connector AS connector, s.config AS config,
       s.platform AS platform, s.domain AS domain, s.namespace AS namespace

// How scans of a registered source are run. What is due is counted anew.
// mode:    write
// params:  source: str, plan: str, props: map, at: str
// returns: urn: str
// budget:  50 ms
MATCH (s:Asset {urn: $source})
WHERE s.registered
SET s.plan = $plan, s.plan_at = $at, s += $props
RETURN s.urn AS urn

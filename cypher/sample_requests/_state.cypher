// How the request `r` stands at the moment `$now`; needs `r` in scope.
CASE
  WHEN r.approved IS NULL THEN CASE WHEN r.until > $now THEN 'WAITING' ELSE 'EXPIRED' END
  WHEN NOT r.approved THEN 'REJECTED'
  WHEN r.expires_at > $now THEN 'APPROVED'
  ELSE 'EXPIRED' END AS state

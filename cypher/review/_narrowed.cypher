// What the caller of the queue may see and asked for; follows a WHERE on `v` and `a`.
  AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains) AND a.status <> 'DELETED'
  AND ($source IS NULL OR v.review_source = $source)
  AND ($classifications IS NULL OR v.review_classification IN $classifications)
  AND ($min_confidence IS NULL OR v.confidence >= $min_confidence)

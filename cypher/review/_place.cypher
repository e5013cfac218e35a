// Where the verdict `v` of the asset `a` on `c` stands in the review queue: uncertainty (entropy of its confidence, in bits) times reach,
// eight digits that compare as text, then what makes it unique; besides, by what the queue is narrowed. What was decided, or accepted for its confidence, stands nowhere.
CALL (a, v, c) {
  WITH a, v, c, coalesce(v.confidence, 0.5) AS p, v.status = 'SUGGESTED' AND v.decided_by IS NULL AND NOT coalesce(v.auto_accepted, false) AS open
  WITH a, v, c, open, p, CASE WHEN p <= 0 OR p >= 1 THEN 0.0 ELSE -(p * log(p) + (1 - p) * log(1 - p)) / log(2) END AS doubt
  SET v.review = CASE WHEN open THEN right('00000000' + toString(toInteger(10000 * doubt * coalesce(a.reach, 1.0))), 8)
        + ':' + toString(a.key) + ':' + c.name END,
      v.review_source = CASE WHEN open THEN a.source END,
      v.review_classification = CASE WHEN open THEN c.name END,
      v.review_sure = CASE WHEN open THEN toInteger(floor(p * 100)) END
}

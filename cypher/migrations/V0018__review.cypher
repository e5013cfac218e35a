// What nobody decided yet, in the order in which it is worth a look (ADR 0032); what was decided, and when verdicts came and went.
CREATE RANGE INDEX verdict_review IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.review);
CREATE RANGE INDEX verdict_review_of_source IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.review_source, v.review);
CREATE RANGE INDEX verdict_review_of_classification IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.review_classification, v.review);
CREATE RANGE INDEX verdict_review_of_both IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.review_source, v.review_classification, v.review);
CREATE RANGE INDEX verdict_decided_at IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.decided_at);
CREATE RANGE INDEX verdict_recorded_at IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.recorded_at);
CREATE RANGE INDEX past_verdict_recorded_at IF NOT EXISTS FOR ()-[v:WAS_CLASSIFIED_AS]-() ON (v.recorded_at);
CREATE RANGE INDEX past_verdict_closed_at IF NOT EXISTS FOR ()-[v:WAS_CLASSIFIED_AS]-() ON (v.closed_at);
CREATE CONSTRAINT classification_exception_id IF NOT EXISTS FOR (e:ClassificationException) REQUIRE e.id IS UNIQUE;
MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) WHERE v.status = 'SUGGESTED' AND v.decided_by IS NULL AND v.review IS NULL
CALL (a, v, c) {
  WITH a, v, c, coalesce(v.confidence, 0.5) AS p
  WITH a, v, c, CASE WHEN p <= 0 OR p >= 1 THEN 0.0 ELSE -(p * log(p) + (1 - p) * log(1 - p)) / log(2) END AS doubt
  SET v.review = right('00000000' + toString(toInteger(10000 * doubt)), 8) + ':' + toString(a.key) + ':' + c.name,
      v.review_source = a.source, v.review_classification = c.name
} IN TRANSACTIONS OF 5000 ROWS;

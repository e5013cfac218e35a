// How sure the machine is of what waits in the review queue, in whole percents, so that a least confidence is walked in order too (ADR 0032).
CREATE RANGE INDEX verdict_review_of_sure IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.review_sure, v.review);
CREATE RANGE INDEX verdict_review_of_source_sure IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.review_source, v.review_sure, v.review);
CREATE RANGE INDEX verdict_review_of_classification_sure IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.review_classification, v.review_sure, v.review);
CREATE RANGE INDEX verdict_review_of_both_sure IF NOT EXISTS FOR ()-[v:CLASSIFIED_AS]-() ON (v.review_source, v.review_classification, v.review_sure, v.review);
MATCH ()-[v:CLASSIFIED_AS]->() WHERE v.review IS NOT NULL AND v.review_sure IS NULL
CALL (v) {
  SET v.review_sure = toInteger(floor(coalesce(v.confidence, 0.5) * 100))
} IN TRANSACTIONS OF 5000 ROWS;

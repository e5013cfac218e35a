// That the reader may know of the incident `i` about the dataset `d`: he may see the dataset and, unless that is gone as a
// whole, one of the columns that changed; goes into a WHERE.
d.sensitivity <= $clearance AND ($domains IS NULL OR d.domain IN $domains)
AND (i.gone OR EXISTS {
  (i)-[:TOUCHES]->(c:Asset) WHERE c.sensitivity <= $clearance AND ($domains IS NULL OR c.domain IN $domains)
})

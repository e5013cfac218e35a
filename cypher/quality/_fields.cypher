// What is told of a data test `t` that tests `subjects`.
  .urn, .name, check: t.test_check, tool: t.test_tool, status: t.test_status, at: t.test_at, figures: t.test_figures,
  subjects: subjects

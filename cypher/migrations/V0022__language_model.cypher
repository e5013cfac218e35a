// How many questions were put to the language model on the day they were last counted.
CREATE CONSTRAINT language_model_budget_id IF NOT EXISTS FOR (b:LanguageModelBudget) REQUIRE b.id IS UNIQUE;

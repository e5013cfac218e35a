// Reads the variables of an operation as JSON: what is wrong with them, and what may stand at the cursor.

import { wordAt } from "./language.js";
import { namedType, required, typeText } from "./schema.js";
import { jsonTokens } from "./syntax.js";

const WORDS = new Set(["string", "key", "keyword", "bad"]);
const quoted = (label, rest) => ({ label, insert: JSON.stringify(label), ...rest });

class Reader {
  constructor(text, schema, cursor) {
    this.schema = schema;
    this.tokens = jsonTokens(text);
    this.word = wordAt(this.tokens, cursor, WORDS);
    this.at = 0;
    this.choices = null;
    this.problems = [];
    this.broken = false;
  }

  get token() {
    return this.tokens[this.at];
  }

  here(choices) {
    if (this.at === this.word.index && this.word.usable) this.choices ??= choices;
  }

  problem(token, message) {
    this.problems.push({ start: token.start, end: Math.max(token.end, token.start + 1), line: token.line, message });
  }

  unexpected(wanted) {
    if (!this.broken) this.problem(this.token, `${wanted} expected.`);
    this.broken = true;
  }

  // Items between brackets, with commas; reading ends at the first error.
  items(close, item) {
    this.at += 1;
    for (let first = true; !this.broken; first = false) {
      if (first && this.token.text === close) break;
      item();
      if (this.broken || this.token.text === close) break;
      if (this.token.text !== ",") return this.unexpected(`, or ${close}`);
      this.at += 1;
    }
    this.at += 1;
    return undefined;
  }

  // `known` are inputs of this object by name; null where anything goes; `unknown` begins what is said of others.
  object(known, unknown) {
    const opener = this.token;
    const given = new Set();
    this.items("}", () => {
      const colon = this.token.kind !== "key";
      this.here(() => known?.filter((each) => !given.has(each.name)).map((each) => quoted(each.name, { detail: each.type ? typeText(each.type) : "", about: each.description, colon })));
      if (this.token.kind !== "key") return this.unexpected('"name":');
      const token = this.token;
      const name = token.text.slice(1, -1);
      const found = known?.find((each) => each.name === name);
      if (known && !found) this.problem(token, `${unknown} ${name}.`);
      given.add(name);
      this.at += 2;
      return this.value(found?.type);
    });
    const missing = (known ?? []).filter((each) => each.required && !given.has(each.name)).map((each) => each.name);
    if (missing.length && !this.broken) this.problem(opener, `${missing.join(", ")} must be given.`);
  }

  value(type) {
    const wanted = type?.kind === "NON_NULL" ? type.ofType : type;
    const of = wanted && this.schema?.type(namedType(wanted));
    this.here(() => (of?.kind === "ENUM" ? of.enumValues.map((each) => quoted(each.name, { about: each.description })) : []));
    const token = this.token;
    if (token.text === "{" && token.kind === "mark") {
      const known = of?.kind === "INPUT_OBJECT" ? of.inputFields.map((each) => ({ ...each, required: required(each) })) : null;
      this.object(known, `${of?.name} has no field`);
    } else if (token.text === "[" && token.kind === "mark") {
      this.items("]", () => this.value(wanted?.kind === "LIST" ? wanted.ofType : undefined));
    } else if (["string", "number", "keyword"].includes(token.kind)) {
      const text = token.kind === "string" ? token.text.slice(1, -1) : null;
      if (token.text === "null" && type?.kind === "NON_NULL") this.problem(token, `${typeText(type)} expected, not null.`);
      else if (of?.kind === "ENUM" && token.text !== "null" && !of.enumValues.some((each) => each.name === text)) this.problem(token, `${of.name} has no ${text ?? token.text}.`);
      this.at += 1;
    } else {
      this.unexpected("Value");
    }
  }
}

// `operation` is one of those that `analyse` found; null where there is none.
export function analyseVariables(text, operation, others, schema, cursor = -1) {
  const reader = new Reader(text, schema, cursor);
  // Variables of the document's other operations may stay, so that one can choose another without editing.
  const own = operation?.variables ?? [];
  const more = others.flatMap((each) => each.variables).filter((each) => !own.some((mine) => mine.name === each.name));
  const known = [...own, ...more.map((each) => ({ ...each, required: false }))];
  if (reader.token.kind !== "end") {
    if (reader.token.text === "{") reader.object(operation ? known : null, `${operation?.name || "The operation"} has no variable`);
    else reader.unexpected("{");
    if (!reader.broken && reader.token.kind !== "end") reader.unexpected("Nothing more");
  } else {
    const missing = own.filter((each) => each.required).map((each) => each.name);
    if (missing.length) reader.problem(reader.token, `${missing.join(", ")} must be given.`);
  }
  const { from, to } = reader.word;
  return { problems: reader.problems, broken: reader.broken, symbols: [], from, to, choices: reader.choices?.() ?? [] };
}

// The operation's own variables out of the text; throws SyntaxError.
export function chosenVariables(text, operation) {
  if (!text.trim()) return undefined;
  const all = JSON.parse(text);
  if (!operation || all === null || typeof all !== "object" || Array.isArray(all)) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => operation.variables.some((each) => each.name === name)));
}

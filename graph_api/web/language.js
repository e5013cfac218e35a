// Reads a document as far as it can be read: its operations, what is wrong with it, and what may stand at the cursor.

import { graphqlTokens } from "./syntax.js";
import { namedType, required, typeFromText, typeText } from "./schema.js";

const OPERATIONS = ["query", "mutation", "subscription"];
const WORDS = new Set(["name", "variable", "directive"]);
const LEAVES = {
  Int: (token) => token.kind === "number" && /^-?\d+$/.test(token.text),
  Float: (token) => token.kind === "number",
  String: (token) => token.kind === "string",
  ID: (token) => token.kind === "string" || token.kind === "number",
  Boolean: (token) => token.text === "true" || token.text === "false",
};

const input = (each) => ({ label: each.name, detail: typeText(each.type), about: each.description, deprecated: each.isDeprecated });
const ofType = (each) => ({ label: each.name, detail: each.kind.toLowerCase().replace("_", " "), about: each.description });

// The word at a cursor: where it begins and ends, and the index of the token it is, or stands before.
export function wordAt(tokens, cursor, kinds) {
  const found = tokens.findIndex((token) => token.end > cursor || (token.end === cursor && kinds.has(token.kind)));
  const index = found < 0 ? tokens.length - 1 : found;
  const token = tokens[index];
  const within = token.start < cursor;
  return { index, from: within ? token.start : cursor, to: within ? token.end : cursor, usable: !within || kinds.has(token.kind) };
}

class Reader {
  constructor(text, schema, cursor) {
    const all = graphqlTokens(text);
    this.schema = schema;
    this.tokens = all.filter((token) => token.kind !== "comment");
    this.word = wordAt(this.tokens, cursor, WORDS);
    if (all.some((token) => token.kind === "comment" && token.start < cursor && cursor <= token.end)) this.word.usable = false;
    this.at = 0;
    this.choices = null;
    this.broken = false;
    this.problems = [];
    this.symbols = [];
    this.definitions = [];
    this.fragmentNames = this.tokens.filter((token, index) => this.tokens[index - 1]?.text === "fragment" && token.text !== "on").map((token) => token.text);
  }

  get token() {
    return this.tokens[this.at];
  }

  take() {
    const token = this.token;
    if (token.kind !== "end") this.at += 1;
    return token;
  }

  is(text) {
    return this.token.text === text && this.token.kind !== "string";
  }

  // What may stand here; the first to say so knows best.
  here(choices) {
    if (this.at === this.word.index && this.word.usable) this.choices ??= choices;
  }

  problem(token, message) {
    this.problems.push({ start: token.start, end: Math.max(token.end, token.start + 1), line: token.line, message });
  }

  // What follows the first error of syntax follows from it, so it is not told.
  unexpected(wanted) {
    if (!this.broken) this.problem(this.token, `${wanted} expected${this.token.kind === "end" ? "" : `, not ${this.token.text.slice(0, 20)}`}.`);
    this.broken = true;
  }

  expect(text) {
    if (this.is(text)) return this.take();
    this.unexpected(text);
    return null;
  }

  name(wanted) {
    if (this.token.kind === "name") return this.take();
    this.unexpected(wanted);
    return null;
  }

  // Calls `item` until `close`; `item` says false where it could not read anything.
  until(close, opener, choices, item) {
    for (;;) {
      this.here(choices);
      if (this.is(close)) return this.take();
      if (this.token.kind === "end") {
        if (!this.broken) this.problem(opener, `${opener.text} is not closed.`);
        this.broken = true;
        return null;
      }
      if (item() === false) {
        this.unexpected(close);
        if (")}]".includes(this.token.text)) return null;
        this.take();
      }
    }
  }

  document() {
    while (this.token.kind !== "end") {
      this.here(() => [...OPERATIONS.filter((each) => !this.schema || this.schema.root(each)), "fragment"].map((label) => ({ label })));
      if (this.is("{") || OPERATIONS.includes(this.token.text)) this.operation();
      else if (this.is("fragment")) this.fragment();
      else {
        this.unexpected("query, mutation, subscription or fragment");
        this.take();
      }
    }
    this.here(() => [...OPERATIONS.filter((each) => !this.schema || this.schema.root(each)), "fragment"].map((label) => ({ label })));
    if (!this.broken) this.together();
  }

  begin(kind) {
    this.definition = { kind, name: "", start: this.token.start, end: 0, line: this.token.line, variables: [], uses: [], spreads: [], token: this.token };
    this.definitions.push(this.definition);
  }

  operation() {
    const kind = this.is("{") ? "query" : this.token.text;
    this.begin(kind);
    const root = this.schema?.root(kind) ?? null;
    if (this.schema && !root) this.problem(this.token, `The server has no ${kind}s.`);
    if (!this.is("{")) {
      this.take();
      if (this.token.kind === "name") this.definition.name = this.take().text;
      if (this.is("(")) this.variables();
      this.directives(kind.toUpperCase());
    }
    if (this.is("{")) this.selection(root);
    else this.unexpected("{");
    this.definition.end = this.tokens[this.at - 1].end;
  }

  fragment() {
    this.begin("fragment");
    this.take();
    const name = this.name("Name of the fragment");
    if (name) this.definition.name = name.text;
    this.definition.token = name ?? this.definition.token;
    const type = this.expect("on") ? this.condition() : null;
    this.directives("FRAGMENT_DEFINITION");
    if (this.is("{")) this.selection(type);
    else this.unexpected("{");
    this.definition.end = this.tokens[this.at - 1].end;
  }

  condition(parent) {
    this.here(() => this.schema?.composites().filter((type) => !parent || this.schema.overlap(parent, type)).map(ofType));
    const token = this.name("Type");
    if (!token || !this.schema) return null;
    const type = this.schema.type(token.text);
    this.symbols.push({ start: token.start, end: token.end, type });
    if (!this.schema.isComposite(token.text)) {
      this.problem(token, type ? `${token.text} has no fields.` : `There is no type ${token.text}.`);
      return null;
    }
    if (parent && !this.schema.overlap(parent, type)) this.problem(token, `${parent.name} is never ${token.text}.`);
    return type;
  }

  variables() {
    const opener = this.take();
    this.until(")", opener, () => [], () => {
      if (this.token.kind !== "variable") return false;
      const token = this.take();
      const found = { name: token.text.slice(1), token, type: null, required: false };
      this.definition.variables.push(found);
      if (!this.expect(":")) return true;
      const text = this.typeName();
      found.type = text ? typeFromText(text) : null;
      found.required = text.endsWith("!") && !this.is("=");
      if (this.is("=")) {
        this.take();
        this.value(found.type);
      }
      this.directives("VARIABLE_DEFINITION");
      return true;
    });
  }

  typeName() {
    this.here(() => this.schema?.inputs().map(ofType));
    let text = "";
    if (this.is("[")) {
      this.take();
      text = `[${this.typeName()}]`;
      this.expect("]");
    } else {
      const token = this.name("Type");
      if (!token) return "";
      text = token.text;
      const type = this.schema?.type(text);
      this.symbols.push({ start: token.start, end: token.end, type });
      if (this.schema && !this.schema.inputs().includes(type)) this.problem(token, type ? `${text} is no type of a variable.` : `There is no type ${text}.`);
    }
    return this.is("!") ? text + this.take().text : text;
  }

  selection(type) {
    const opener = this.take();
    const first = this.at;
    const fields = () => this.schema?.fields(type).map((field) => ({ ...input(field), opens: this.opens(field) }));
    const closed = this.until("}", opener, fields, () => {
      if (this.token.kind === "spread") this.spread(type);
      else if (this.token.kind === "name") this.field(type, fields);
      else return false;
      return true;
    });
    if (closed && this.at === first + 1 && !this.broken) this.problem(opener, "At least one field expected.");
  }

  // The bracket that has to follow a field.
  opens(field) {
    if (field.args.some(required)) return "(";
    return this.schema.isComposite(namedType(field.type)) ? "{" : "";
  }

  field(type, fields) {
    let token = this.take();
    if (this.is(":")) {
      this.take();
      this.here(fields);
      token = this.name("Field");
      if (!token) return;
    }
    const field = this.schema && type ? this.schema.field(type, token.text) : null;
    if (field) this.symbols.push({ start: token.start, end: token.end, parent: type, field });
    else if (this.schema && type) this.problem(token, `${type.name} has no field ${token.text}.`);
    this.inputs(field?.args, token, `${token.text}`);
    this.directives("FIELD");
    const of = field ? this.schema.type(namedType(field.type)) : null;
    const composite = of && this.schema.isComposite(of.name);
    if (this.is("{")) {
      if (of && !composite) this.problem(token, `${token.text} is of type ${of.name}, which has no fields.`);
      this.selection(composite ? of : null);
    } else if (composite) {
      this.problem(token, `${token.text} is of type ${of.name}: say which of its fields, in { }.`);
    }
  }

  // Arguments in parentheses; `known` is undefined where nobody knows which there are.
  inputs(known, owner, title) {
    const given = new Set();
    if (this.is("(")) {
      const opener = this.take();
      const free = () => known?.filter((each) => !given.has(each.name)).map((each) => ({ ...input(each), colon: true }));
      this.until(")", opener, free, () => this.entry(known, given, title, "argument"));
    }
    this.missing(known, given, owner);
  }

  missing(known, given, owner) {
    const names = (known ?? []).filter((each) => required(each) && !given.has(each.name)).map((each) => each.name);
    if (names.length && !this.broken) this.problem(owner, `${owner.text === "{" ? "" : `${owner.text}: `}${names.join(", ")} must be given.`);
  }

  entry(known, given, title, what) {
    if (this.token.kind !== "name") return false;
    const token = this.take();
    const found = known?.find((each) => each.name === token.text);
    given.add(token.text);
    if (found) this.symbols.push({ start: token.start, end: token.end, input: found, of: title });
    else if (known) this.problem(token, `${title} has no ${what} ${token.text}.`);
    if (this.expect(":")) this.value(found?.type);
    return true;
  }

  value(type) {
    const wanted = type?.kind === "NON_NULL" ? type.ofType : type;
    const of = wanted && this.schema?.type(namedType(wanted));
    this.here(() => this.values(of));
    const token = this.token;
    if (token.kind === "variable") {
      this.definition.uses.push({ token, type });
      this.take();
    } else if (this.is("[")) {
      this.take();
      const item = wanted?.kind === "LIST" ? wanted.ofType : undefined;
      if (wanted && !item && of?.kind !== "SCALAR") this.problem(token, `${typeText(type)} expected, not a list.`);
      this.until("]", token, () => this.values(of), () => this.value(item));
    } else if (this.is("{")) {
      this.take();
      const known = of?.kind === "INPUT_OBJECT" ? of.inputFields : undefined;
      const given = new Set();
      const free = () => known?.filter((each) => !given.has(each.name)).map((each) => ({ ...input(each), colon: true }));
      this.until("}", token, free, () => this.entry(known, given, of?.name ?? "The object", "field"));
      this.missing(known, given, token);
    } else if (token.kind === "string" || token.kind === "number" || token.kind === "name") {
      this.take();
      this.leaf(token, type, of);
    } else {
      this.unexpected("Value");
      return false;
    }
    return true;
  }

  values(of) {
    const variables = (this.definition?.variables ?? [])
      .filter((each) => each.type && (!of || namedType(each.type) === of.name))
      .map((each) => ({ label: `$${each.name}`, detail: typeText(each.type) }));
    const named = of?.kind === "ENUM" ? of.enumValues.map((each) => ({ label: each.name, about: each.description, deprecated: each.isDeprecated })) : [];
    if (of?.name === "Boolean") named.push({ label: "true" }, { label: "false" });
    return [...named, ...variables];
  }

  leaf(token, type, of) {
    if (!of) return;
    const fits =
      token.text === "null" && token.kind === "name"
        ? type.kind !== "NON_NULL"
        : of.kind === "ENUM"
          ? token.kind === "name" && of.enumValues.some((each) => each.name === token.text)
          : of.kind !== "INPUT_OBJECT" && (LEAVES[of.name]?.(token) ?? true);
    if (!fits) this.problem(token, `${typeText(type)} expected, not ${token.text.slice(0, 30)}.`);
  }

  spread(parent) {
    this.take();
    this.here(() => [{ label: "on", detail: "a type" }, ...this.fragmentNames.map((label) => ({ label, detail: "fragment" }))]);
    if (this.token.kind === "name" && !this.is("on")) {
      this.definition.spreads.push(this.take());
      this.directives("FRAGMENT_SPREAD");
      return;
    }
    let type = parent;
    if (this.is("on")) {
      this.take();
      type = this.condition(parent);
    }
    this.directives("INLINE_FRAGMENT");
    if (this.is("{")) this.selection(type);
    else this.unexpected("{");
  }

  directives(location) {
    while (this.token.kind === "directive") {
      this.here(() => this.schema?.directives.filter((each) => each.locations.includes(location)).map((each) => ({ label: `@${each.name}`, about: each.description })));
      const token = this.take();
      const known = this.schema?.directives.find((each) => `@${each.name}` === token.text);
      if (this.schema && !known) this.problem(token, `There is no directive ${token.text}.`);
      this.inputs(known?.args, token, token.text);
    }
  }

  // What can only be said when all definitions are read.
  together() {
    const fragments = new Map(this.definitions.filter((each) => each.kind === "fragment").map((each) => [each.name, each]));
    const spread = new Set();
    for (const definition of this.definitions) {
      for (const token of definition.spreads) if (!fragments.has(token.text)) this.problem(token, `There is no fragment ${token.text}.`);
    }
    const operations = this.definitions.filter((each) => each.kind !== "fragment");
    for (const operation of operations) {
      const reached = new Set();
      const pending = [operation];
      const used = new Set();
      while (pending.length) {
        const each = pending.pop();
        if (!each || reached.has(each)) continue;
        reached.add(each);
        spread.add(each.name);
        pending.push(...each.spreads.map((token) => fragments.get(token.text)));
        for (const use of each.uses) this.use(operation, use, used);
      }
      for (const each of operation.variables) if (!used.has(each.name)) this.problem(each.token, `$${each.name} is not used.`);
      if (operations.length > 1 && !operation.name) this.problem(operation.token, "Of several operations each needs a name.");
      if (operation.name && operations.some((each) => each !== operation && each.name === operation.name && each.start < operation.start)) {
        this.problem(operation.token, `Another operation is named ${operation.name}.`);
      }
    }
    for (const each of fragments.values()) if (!spread.has(each.name)) this.problem(each.token, `The fragment ${each.name} is not used.`);
  }

  use(operation, { token, type }, used) {
    const name = token.text.slice(1);
    const found = operation.variables.find((each) => each.name === name);
    used.add(name);
    if (!found) this.problem(token, `${token.text} is no variable of ${operation.name || "this operation"}.`);
    else if (type && found.type && namedType(found.type) !== namedType(type)) this.problem(token, `${typeText(type)} expected; ${token.text} is of type ${typeText(found.type)}.`);
  }
}

// `schema` may be null: then syntax alone is read. `choices` are what may stand at `cursor` instead of `word`.
export function analyse(text, schema, cursor = -1) {
  const reader = new Reader(text, schema, cursor);
  reader.document();
  const operations = reader.definitions.filter((each) => each.kind !== "fragment");
  const { from, to } = reader.word;
  return { operations, problems: reader.problems, symbols: reader.symbols, broken: reader.broken, from, to, choices: reader.choices?.() ?? [] };
}

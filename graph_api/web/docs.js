// The documentation of the schema, as it describes itself: search, types, fields.

import { make } from "./dom.js";
import { namedType, required, typeText } from "./schema.js";

const FOUND = 100;
const KINDS = { OBJECT: "type", INTERFACE: "interface", UNION: "union", ENUM: "enum", INPUT_OBJECT: "input", SCALAR: "scalar" };

export class Docs {
  constructor(host) {
    this.schema = null;
    this.trail = [];
    this.back = make("button", { type: "button", textContent: "‹ Back", disabled: true, onclick: () => this.goBack() });
    this.search = make("input", { type: "search", placeholder: "Search types and fields", attributes: { "aria-label": "Search types and fields" } });
    this.body = make("div", { className: "page" });
    this.search.addEventListener("input", () => this.find(this.search.value.trim()));
    host.append(make("div", { className: "bar" }, this.back, this.search), this.body);
    this.say("The schema is shown as soon as a token is accepted.");
  }

  say(text) {
    this.schema = null;
    this.body.replaceChildren(make("p", { textContent: text }));
  }

  use(schema) {
    this.schema = schema;
    this.trail = [];
    this.draw();
  }

  open(type, field = null) {
    this.trail.push({ type, field });
    this.search.value = "";
    this.draw();
    this.body.querySelector("h2")?.focus();
  }

  goBack() {
    this.trail.pop();
    this.draw();
    (this.back.disabled ? this.search : this.back).focus();
  }

  draw() {
    if (!this.schema) return;
    this.back.disabled = !this.trail.length;
    const here = this.trail.at(-1);
    this.body.replaceChildren(...(!here ? this.home() : here.field ? this.fieldPage(here.type, here.field) : this.typePage(here.type)));
    this.body.scrollTop = 0;
  }

  find(text) {
    if (!this.schema) return;
    if (!text) {
      this.draw();
      return;
    }
    const wanted = text.toLowerCase();
    const rank = (name) => (name.toLowerCase() === wanted ? 0 : name.toLowerCase().startsWith(wanted) ? 1 : name.toLowerCase().includes(wanted) ? 2 : 9);
    const found = [];
    for (const type of this.schema.types.values()) {
      if (type.name.startsWith("__")) continue;
      found.push({ type, field: null, rank: rank(type.name) });
      for (const field of members(type)) found.push({ type, field, rank: rank(field.name) + 0.5 });
    }
    const hits = found.filter((each) => each.rank < 9).sort((a, b) => a.rank - b.rank);
    const items = hits.slice(0, FOUND).map(({ type, field }) => make("li", {}, field ? [this.toType(type.name), ".", this.toField(type, field)].reduce((all, each) => (all.append(each), all), make("span")) : this.toType(type.name), about(field ?? type)));
    const many = hits.length > FOUND ? `${FOUND} of ${hits.length}` : String(hits.length);
    this.body.replaceChildren(make("p", { textContent: `${many} found`, attributes: { role: "status" } }), make("ul", { className: "list" }, ...items));
  }

  home() {
    const { roots, types } = this.schema;
    const operations = Object.entries(roots).filter(([, name]) => name);
    const others = [...types.values()].filter((type) => !Object.values(roots).includes(type.name) && !type.name.startsWith("__"));
    const groups = Object.keys(KINDS).map((kind) => [kind, others.filter((type) => type.kind === kind).sort((a, b) => a.name.localeCompare(b.name))]);
    return [
      heading("Schema"),
      make("ul", { className: "list" }, ...operations.map(([kind, name]) => make("li", {}, `${kind}: `, this.toType(name), about(types.get(name))))),
      ...groups
        .filter(([, found]) => found.length)
        .map(([kind, found]) => make("details", { open: kind === "OBJECT" }, make("summary", { textContent: `${KINDS[kind]} (${found.length})` }), make("ul", { className: "list tight" }, ...found.map((type) => make("li", {}, this.toType(type.name)))))),
    ];
  }

  typePage(type) {
    const parts = [heading(type.name, KINDS[type.kind]), about(type)];
    const linked = (title, names) => names?.length && parts.push(make("h3", { textContent: title }), make("ul", { className: "list tight" }, ...names.map((each) => make("li", {}, this.toType(each.name)))));
    linked("Implements", type.interfaces);
    linked(type.kind === "UNION" ? "One of" : "Implemented by", type.possibleTypes);
    const found = members(type);
    if (found.length) {
      parts.push(make("h3", { textContent: type.kind === "ENUM" ? "Values" : "Fields" }));
      parts.push(make("ul", { className: "list" }, ...found.map((field) => make("li", {}, this.signature(type, field), about(field)))));
    }
    return parts;
  }

  fieldPage(type, field) {
    const parts = [heading(`${type.name}.${field.name}`), about(field)];
    if (field.type) parts.push(make("p", {}, make("code", {}, this.typeLink(field.type))));
    if (field.args?.length) {
      parts.push(make("h3", { textContent: "Arguments" }));
      parts.push(make("ul", { className: "list" }, ...field.args.map((each) => make("li", {}, this.inputLine(each), about(each)))));
    }
    parts.push(make("p", {}, "Of ", this.toType(type.name)));
    return parts;
  }

  signature(type, field) {
    const line = make("code", {}, this.toField(type, field));
    if (field.args?.length) line.append(`(${field.args.map((each) => each.name).join(", ")})`);
    if (field.type) line.append(": ", this.typeLink(field.type), fallback(field));
    return line;
  }

  inputLine(each) {
    const line = make("code", {}, make("span", { className: "argument", textContent: each.name }), ": ", this.typeLink(each.type), fallback(each));
    return required(each) ? make("span", {}, line, make("em", { textContent: " required" })) : line;
  }

  typeLink(type) {
    const [before, after] = typeText(type).split(namedType(type));
    return make("span", {}, before, this.toType(namedType(type)), after);
  }

  toType(name) {
    return make("button", { type: "button", className: "link type", textContent: name, onclick: () => this.open(this.schema.type(name)) });
  }

  toField(type, field) {
    if (type.kind === "ENUM") return make("span", { className: "enum", textContent: field.name });
    return make("button", { type: "button", className: "link field", textContent: field.name, onclick: () => this.open(type, field) });
  }
}

const members = (type) => type.fields ?? type.inputFields ?? type.enumValues ?? [];
const fallback = (each) => (each.defaultValue ? ` = ${each.defaultValue}` : "");
const heading = (text, kind) => make("h2", { tabIndex: -1 }, text, kind ? make("small", { textContent: ` ${kind}` }) : null);

function about(described) {
  const text = make("div", { className: "about", textContent: described?.description ?? "" });
  if (described?.isDeprecated) text.append(make("p", { className: "deprecation", textContent: `Deprecated: ${described.deprecationReason ?? ""}` }));
  return text;
}

"use strict";
// The query page: runs one operation at a time, reads streams, lists the schema. The token stays in this tab's sessionStorage.
const element = (id) => document.getElementById(id);
const token = element("token");
const query = element("query");
const variables = element("variables");
const result = element("result");
const status = element("status");
const examples = JSON.parse(element("example-data").textContent);
let running = null;

token.value = sessionStorage.getItem("pursight.token") ?? "";
token.addEventListener("change", () => {
  sessionStorage.setItem("pursight.token", token.value.trim());
  loadSchema();
});

function request(body, accept, signal) {
  const headers = { "content-type": "application/json", accept };
  if (token.value.trim()) headers.authorization = `Bearer ${token.value.trim()}`;
  return fetch("/graphql", { method: "POST", headers, body: JSON.stringify(body), signal });
}

async function readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffered += value;
    const blocks = buffered.split("\n\n");
    buffered = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").find((line) => line.startsWith("data: "));
      if (data && data.length > 6) result.textContent = JSON.stringify(JSON.parse(data.slice(6)), null, 2) + "\n" + result.textContent;
    }
  }
}

async function run() {
  if (running) return;
  running = new AbortController();
  element("stop").disabled = false;
  result.textContent = "";
  status.textContent = "running";
  const started = performance.now();
  try {
    const body = { query: query.value };
    if (variables.value.trim()) body.variables = JSON.parse(variables.value);
    const streams = /^\s*subscription\b/m.test(query.value);
    const response = await request(body, streams ? "text/event-stream" : "application/graphql-response+json", running.signal);
    if ((response.headers.get("content-type") ?? "").startsWith("text/event-stream")) await readEvents(response);
    else result.textContent = JSON.stringify(await response.json(), null, 2);
    status.textContent = `${response.status}, ${Math.round(performance.now() - started)} ms`;
  } catch (error) {
    status.textContent = error.name === "AbortError" ? "stopped" : String(error.message);
  } finally {
    running = null;
    element("stop").disabled = true;
  }
}

const INTROSPECTION = `{ __schema { types { name kind description
  fields { name description type { ...T } args { name type { ...T } } } inputFields { name type { ...T } } enumValues { name } } } }
fragment T on __Type { name kind ofType { name kind ofType { name kind ofType { name kind } } } }`;

function typeName(type) {
  if (!type) return "";
  if (type.kind === "NON_NULL") return `${typeName(type.ofType)}!`;
  return type.kind === "LIST" ? `[${typeName(type.ofType)}]` : type.name;
}

function describe(type) {
  const block = document.createElement("details");
  const title = document.createElement("summary");
  title.textContent = `${type.name} (${type.kind.toLowerCase().replace("_", " ")})`;
  block.append(title);
  if (type.description) block.append(Object.assign(document.createElement("p"), { textContent: type.description }));
  const list = document.createElement("ul");
  for (const field of type.fields ?? type.inputFields ?? type.enumValues ?? []) {
    const args = (field.args ?? []).map((arg) => `${arg.name}: ${typeName(arg.type)}`).join(", ");
    const item = document.createElement("li");
    item.textContent = `${field.name}${args ? `(${args})` : ""}${field.type ? `: ${typeName(field.type)}` : ""}`;
    item.title = field.description ?? "";
    list.append(item);
  }
  block.append(list);
  return block;
}

async function loadSchema() {
  const holder = element("schema");
  holder.replaceChildren();
  if (!token.value.trim()) return;
  const { data, errors } = await (await request({ query: INTROSPECTION }, "application/json")).json();
  if (!data) {
    holder.textContent = errors?.[0]?.message ?? "";
    return;
  }
  const roots = ["Query", "Mutation", "Subscription"];
  const rank = (type) => (roots.includes(type.name) ? roots.indexOf(type.name) : roots.length);
  const types = data.__schema.types.filter((type) => !type.name.startsWith("__"));
  types.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  holder.replaceChildren(...types.map(describe));
}

element("filter").addEventListener("input", (event) => {
  const wanted = event.target.value.toLowerCase();
  for (const block of element("schema").children) block.hidden = !block.textContent.toLowerCase().includes(wanted);
});
element("run").addEventListener("click", run);
element("stop").addEventListener("click", () => running?.abort());
query.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
});

const chooser = element("examples");
for (const example of examples) chooser.append(new Option(example.title));
chooser.addEventListener("change", () => {
  const example = examples[chooser.selectedIndex];
  query.value = example.query;
  variables.value = Object.keys(example.variables).length ? JSON.stringify(example.variables, null, 2) : "";
});
if (examples.length) chooser.dispatchEvent(new Event("change"));
loadSchema();

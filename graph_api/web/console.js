// The GraphQL console: puts editors, documentation, token, results, examples and history together.

import { Docs } from "./docs.js";
import { byId, copy, make } from "./dom.js";
import { Editor } from "./editor.js";
import { prettify } from "./format.js";
import { analyse } from "./language.js";
import { factsOf, Output } from "./output.js";
import { ask, curl, run } from "./run.js";
import { typeText } from "./schema.js";
import { Session, state } from "./session.js";
import { draft, history, link, token } from "./store.js";
import { coloured, graphqlTokens, jsonTokens } from "./syntax.js";
import { analyseVariables, chosenVariables } from "./variables.js";

const examples = JSON.parse(byId("example-data").textContent);
const output = new Output(byId("output"));
const docs = new Docs(byId("docs"));
let schema = null;
let operations = [];
let running = null;

const chosen = () => operations[byId("operation").selectedIndex] ?? operations[0] ?? null;

const variables = new Editor(byId("variables"), {
  label: "Variables, as JSON. Tab indents; press Escape, then Tab, to leave.",
  tokens: jsonTokens,
  analyse: (text, cursor) => analyseVariables(text, chosen(), operations, schema, cursor),
  opens: '"',
  changed: keep,
});

const query = new Editor(byId("query"), {
  label: "Query. Tab indents; press Escape, then Tab, to leave. Control Space completes.",
  tokens: (text) => coloured(graphqlTokens(text)),
  analyse(text, cursor) {
    const found = analyse(text, schema, cursor);
    offer(found.operations);
    return found;
  },
  opens: "{($@.",
  changed: keep,
  moved(symbol, cursor) {
    follow(cursor);
    if (!symbol) return "";
    const { field, input, type } = symbol;
    const what = field ?? input ?? type;
    const title = field ? `${symbol.parent.name}.${field.name}: ${typeText(field.type)}` : input ? `${symbol.of}(${input.name}: ${typeText(input.type)})` : type?.name;
    return what ? [title, what.description].filter(Boolean).join("  ") : "";
  },
});

// The operations one can choose from; the choice stays while its name does.
function offer(found) {
  const same = found.length === operations.length && found.every((each, index) => each.name === operations[index].name && each.kind === operations[index].kind);
  const before = byId("operation").selectedIndex;
  const name = operations[before]?.name;
  const needs = (each) => JSON.stringify(each?.variables.map(({ name: own, type }) => [own, type && typeText(type)]));
  const changed = !same || found.some((each, index) => needs(each) !== needs(operations[index]));
  operations = found;
  if (!same) {
    const picker = byId("operation");
    picker.replaceChildren(...found.map((each) => make("option", { textContent: `${each.kind} ${each.name}`.trim() })));
    picker.selectedIndex = Math.max(0, found.findIndex((each) => each.name === name));
    picker.disabled = found.length < 2;
  }
  if (changed) variables.refresh();
}

function choose(name) {
  const index = operations.findIndex((each) => each.name === name);
  if (index >= 0) byId("operation").selectedIndex = index;
  variables.refresh();
}

// The operation that the cursor is in is the one to run.
function follow(cursor) {
  if (operations.length < 2 || document.activeElement !== query.area || cursor === follow.cursor) return;
  follow.cursor = cursor;
  const index = operations.findIndex((each) => each.start <= cursor && cursor <= each.end);
  if (index < 0 || index === byId("operation").selectedIndex) return;
  byId("operation").selectedIndex = index;
  variables.refresh();
}

function keep() {
  draft.set({ query: query.text, variables: variables.text, operation: chosen()?.name });
}

function tell(parts, kind = "") {
  byId("status").replaceChildren(...parts.flatMap((text) => [make("span", { textContent: text }), " "]));
  byId("status").className = kind;
}

function advise(help, kind = "") {
  const parts = help.split("`").map((text, index) => (index % 2 ? make("code", { textContent: text }) : text));
  byId("notice").replaceChildren(...(help ? [make("p", { className: kind }, ...parts)] : []));
}

// What is sent; throws SyntaxError where the variables are no JSON.
function body() {
  const operation = chosen();
  const sent = { query: query.text };
  if (operations.length > 1 && operation?.name) sent.operationName = operation.name;
  const given = chosenVariables(variables.text, operation);
  if (given !== undefined && Object.keys(given ?? {}).length) sent.variables = given;
  return sent;
}

const streams = () => chosen()?.kind === "subscription";

async function start() {
  if (running) return;
  let sent;
  try {
    sent = body();
  } catch (error) {
    tell([`The variables are no JSON: ${error.message}`], "bad");
    variables.area.focus();
    return;
  }
  const controller = new AbortController();
  running = controller;
  byId("run").disabled = true;
  byId("stop").disabled = false;
  byId("copy").disabled = true;
  output.clear();
  advise("");
  tell(["Running…"]);
  const operation = chosen();
  history.add({ query: query.text, operation: operation?.name ?? "", kind: operation?.kind ?? "query" });
  if (!byId("history").hidden) showHistory();
  const started = performance.now();
  const last = { answer: null, facts: null };
  const streamed = () => factsOf(last.answer, { ...last.facts, ms: performance.now() - started, bytes: output.bytes }, output.events);
  try {
    const { ended } = await run(sent, {
      streams: streams(),
      token: session.token,
      signal: controller.signal,
      on: {
        open(facts) {
          last.facts = facts;
          tell(["Waiting for events…"], "live");
        },
        answer(answer, facts) {
          Object.assign(last, { answer, facts });
          receive(answer, facts);
          if (facts.streamed) tell(["Streaming…", ...streamed()], "live");
        },
      },
    });
    const kind = last.answer?.errors || last.facts.status >= 400 ? "bad" : "good";
    if (output.events || last.answer === null) tell(!ended ? ["The connection broke off", ...streamed()] : last.facts.raw === undefined ? ["Ended", ...streamed()] : factsOf(null, last.facts), ended ? kind : "bad");
    else tell(factsOf(last.answer, last.facts), kind);
  } catch (error) {
    if (controller.signal.aborted) tell(["Stopped", ...(last.facts ? streamed() : [])]);
    else {
      tell([`No answer: ${error.message}`], "bad");
      advise("The server does not answer. `pursight status` shows whether it runs.", "bad");
    }
  } finally {
    running = null;
    byId("run").disabled = false;
    byId("stop").disabled = true;
    byId("copy").disabled = !output.text;
  }
}

function receive(answer, facts) {
  output.show(answer, facts);
  const name = state(facts.status);
  if (name === "refused" || name === "forbidden") session.tell(session.token ? name : "missing");
  const places = (answer?.errors ?? []).flatMap((error) => (error.locations ?? []).slice(0, 1).map((place) => ({ message: error.message, ...place })));
  if (places.length && !output.events) query.mark(places);
}

function firstLeaf(value) {
  if (value === null || typeof value !== "object") return value;
  for (const each of Object.values(value)) {
    const found = firstLeaf(each);
    if (found !== null && found !== undefined) return found;
  }
  return null;
}

function load({ query: text, variables: given = "", operation = "" }, { undoable = true } = {}) {
  if (undoable) {
    variables.replace(given);
    query.replace(text);
  } else {
    variables.set(given);
    query.set(text);
  }
  choose(operation);
}

async function loadExample(example, options) {
  const given = { ...example.variables };
  for (const [name, lookup] of Object.entries(example.lookups)) {
    const { data } = session.token ? await ask(lookup, session.token).catch(() => ({})) : {};
    given[name] = firstLeaf(data ?? null) ?? "";
  }
  load({ query: example.query, variables: Object.keys(given).length ? JSON.stringify(given, null, 2) : "" }, options);
}

function entry(title, detail, onclick) {
  return make("li", {}, make("button", { type: "button", className: "entry", onclick }, make("b", { textContent: title }), make("small", { textContent: detail })));
}

function showHistory() {
  const items = history.get().map((each) => {
    const title = each.operation || each.query.replace(/#.*$/gm, "").replace(/\s+/g, " ").trim().slice(0, 80);
    return entry(title, `${each.kind}, ${new Date(each.at).toLocaleString()}`, () => load({ ...each, variables: variables.text }));
  });
  byId("history").querySelector("ul").replaceChildren(...(items.length ? items : [make("li", { textContent: "Nothing was run yet." })]));
}

function showTab(tab) {
  for (const each of tab.parentElement.children) {
    const selected = each === tab;
    each.setAttribute("aria-selected", selected);
    each.tabIndex = selected ? 0 : -1;
    byId(each.getAttribute("aria-controls")).hidden = !selected;
  }
  if (tab.id === "tab-history") showHistory();
}

const session = new Session({
  changed(name, sign, help) {
    byId("sign").textContent = sign;
    byId("sign").className = name;
    byId("token").setAttribute("aria-invalid", name === "refused" || name === "forbidden");
    if (name !== "checking") advise(help, name === "missing" ? "" : "bad");
    if (!["accepted", "checking"].includes(name)) {
      schema = null;
      docs.say("The schema is shown as soon as a token is accepted.");
      query.refresh();
    }
  },
  opened(found) {
    schema = found;
    if (found) docs.use(found);
    else docs.say("This server does not show its schema, so there is no documentation and no completion.");
    query.refresh();
    variables.refresh();
  },
});

function login(text) {
  byId("token").value = text;
  token.set(text);
  session.use(text);
}

async function brief(button, work, done = "Copied") {
  const title = button.textContent;
  button.style.minWidth = `${button.offsetWidth}px`;
  try {
    await work();
    button.textContent = done;
  } catch (error) {
    tell([error.message], "bad");
  }
  setTimeout(() => (button.textContent = title), 1200);
}

function tidy() {
  const text = prettify(query.text);
  if (text === null) tell(["Only a document without errors of syntax can be laid out."], "bad");
  else if (text !== query.text) query.replace(text);
}

byId("login").addEventListener("submit", (event) => event.preventDefault());
byId("token").addEventListener("change", (event) => login(event.target.value.trim()));
byId("forget").addEventListener("click", () => login(""));
byId("run").addEventListener("click", start);
byId("stop").addEventListener("click", () => running?.abort());
byId("prettify").addEventListener("click", tidy);
byId("operation").addEventListener("change", () => {
  variables.refresh();
  keep();
});
byId("share").addEventListener("click", (event) => brief(event.target, () => copy(link.set(query.text, operations.length > 1 ? chosen()?.name : ""))));
byId("curl").addEventListener("click", (event) => brief(event.target, async () => copy(curl(body(), streams()))));
byId("copy").addEventListener("click", (event) => brief(event.target, () => copy(output.text)));
byId("clear").addEventListener("click", () => {
  history.clear();
  showHistory();
});
query.more.addEventListener("click", () => {
  const { parent, field, input, type } = query.symbol ?? {};
  const named = input && schema.type(typeText(input.type).replace(/[[\]!]/g, ""));
  showTab(byId("tab-docs"));
  if (field) docs.open(parent, parent.fields?.includes(field) ? field : null);
  else if (named ?? type) docs.open(named ?? type);
});
for (const tab of document.querySelectorAll("[role=tab]")) {
  tab.addEventListener("click", () => showTab(tab));
  tab.addEventListener("keydown", (event) => {
    const next = { ArrowRight: tab.nextElementSibling ?? tab.parentElement.firstElementChild, ArrowLeft: tab.previousElementSibling ?? tab.parentElement.lastElementChild }[event.key];
    if (next) {
      showTab(next);
      next.focus();
    }
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) start();
  else if (event.code === "KeyF" && event.shiftKey && event.altKey) tidy();
  else return;
  event.preventDefault();
});
window.addEventListener("hashchange", () => link.get() && load(link.get()));

byId("examples")
  .querySelector("ul")
  .append(...examples.map((each) => entry(each.title, analyse(each.query, null).operations.map(({ kind }) => kind).join(", "), () => loadExample(each))));
login(token.get());
// The draft of the same query has its variables as well.
const kept = draft.get();
const linked = link.get();
const first = linked && linked.query !== kept?.query ? linked : kept;
if (first?.query) load(first, { undoable: false });
else if (examples.length) loadExample(examples[0], { undoable: false });

// What the browser keeps: the token and the draft for this tab, the history for this browser.

import { graphqlTokens } from "./syntax.js";

const KEPT = 50;
const HISTORY = "pursight.history";

// Storage may be forbidden, or hold what another version wrote.
function read(storage, key, otherwise) {
  try {
    return JSON.parse(storage().getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(storage, key, value) {
  try {
    storage().setItem(key, JSON.stringify(value));
  } catch {
    // The page works without memory.
  }
}

const tab = () => sessionStorage;
const browser = () => localStorage;

export const token = { get: () => read(tab, "pursight.token", ""), set: (text) => write(tab, "pursight.token", text) };
export const draft = { get: () => read(tab, "pursight.draft", null), set: (state) => write(tab, "pursight.draft", state) };

// A mutation may carry a password as a string, so its strings are left out.
function remembered(query, kind) {
  if (kind !== "mutation") return query;
  let text = "";
  let at = 0;
  for (const found of graphqlTokens(query)) {
    text += query.slice(at, found.start) + (found.kind === "string" ? '""' : found.text);
    at = found.end;
  }
  return text;
}

export const history = {
  get: () => read(browser, HISTORY, []),
  add({ query, operation, kind }) {
    const entry = { query: remembered(query, kind), operation, kind, at: Date.now() };
    const others = history.get().filter((each) => each.query !== entry.query || each.operation !== operation);
    write(browser, HISTORY, [entry, ...others].slice(0, KEPT));
  },
  clear: () => write(browser, HISTORY, []),
};

export const link = {
  get() {
    const found = new URLSearchParams(location.hash.slice(1));
    return found.has("query") ? { query: found.get("query"), operation: found.get("operation") } : null;
  },
  set(query, operation) {
    const fragment = `#query=${encodeURIComponent(query)}${operation ? `&operation=${encodeURIComponent(operation)}` : ""}`;
    window.history.replaceState(null, "", fragment);
    return location.href;
  },
};

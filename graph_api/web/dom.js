// Small helpers to build elements; text is always set as text.

export const byId = (id) => document.getElementById(id);

export function make(name, properties = {}, ...children) {
  const { attributes = {}, ...rest } = properties;
  const element = Object.assign(document.createElement(name), rest);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// The text of tokens, each in a span of its kind; `marked` adds classes.
export function inked(text, tokens, marked = () => "") {
  const parts = document.createDocumentFragment();
  let at = 0;
  for (const token of tokens) {
    if (token.start > at) parts.append(text.slice(at, token.start));
    if (token.text) parts.append(make("span", { className: `${token.colour ?? token.kind} ${marked(token)}`.trim(), textContent: token.text }));
    at = token.end;
  }
  parts.append(text.slice(at));
  return parts;
}

export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Browsers give no clipboard to a page without TLS unless it is local.
  const area = make("textarea", { value: text, className: "unseen" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("The browser gives no clipboard.");
  return undefined;
}

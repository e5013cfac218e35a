// Tokens of GraphQL and of JSON: { kind, text, start, end, line, trailing? }, the last of kind "end".

const GRAPHQL = [
  ["comment", /#[^\n\r]*/y],
  ["string", /"""(?:\\"""|[^])*?(?:"""|$)|"(?:\\.|[^"\\\n\r])*(?:"|(?=[\n\r])|$)/y],
  ["number", /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ["variable", /\$[A-Za-z_0-9]*/y],
  ["directive", /@[A-Za-z_0-9]*/y],
  ["spread", /\.\.\./y],
  ["name", /[A-Za-z_][A-Za-z_0-9]*/y],
  ["mark", /[!&():=[\]{}|]/y],
  ["bad", /[^]/y],
];
const JSON_TOKENS = [
  ["string", /"(?:\\.|[^"\\\n\r])*(?:"|(?=[\n\r])|$)/y],
  ["number", /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ["keyword", /(?:true|false|null)\b/y],
  ["mark", /[:,[\]{}]/y],
  ["bad", /[^\s:,[\]{}"]+|[^]/y],
];
const GRAPHQL_SPACE = /[\s,\uFEFF]*/y;
const JSON_SPACE = /\s*/y;

function tokens(text, rules, space) {
  const found = [];
  let at = 0;
  let line = 1;
  for (;;) {
    space.lastIndex = at;
    const gap = space.exec(text)[0];
    const breaks = gap.split("\n").length - 1;
    line += breaks;
    at += gap.length;
    if (at >= text.length) break;
    for (const [kind, rule] of rules) {
      rule.lastIndex = at;
      const match = rule.exec(text);
      if (!match) continue;
      const token = { kind, text: match[0], start: at, end: at + match[0].length, line };
      if (kind === "comment") token.trailing = !breaks && found.length > 0;
      found.push(token);
      at = token.end;
      line += match[0].split("\n").length - 1;
      break;
    }
  }
  found.push({ kind: "end", text: "", start: text.length, end: text.length, line });
  return found;
}

export const graphqlTokens = (text) => tokens(text, GRAPHQL, GRAPHQL_SPACE);

export function jsonTokens(text) {
  const found = tokens(text, JSON_TOKENS, JSON_SPACE);
  found.forEach((token, index) => {
    if (token.kind === "string" && found[index + 1]?.text === ":") token.kind = "key";
  });
  return found;
}

// A name means different things by its place; colours alone depend on this, so a few tokens of context will do.
export function coloured(found) {
  const keywords = new Set(["query", "mutation", "subscription", "fragment", "on"]);
  const open = [];
  let previous = null;
  for (const [index, token] of found.entries()) {
    if (token.kind === "comment") continue;
    const next = found[index + 1];
    if (token.kind === "name") {
      const inside = open.at(-1);
      const type = previous?.text === "on" || (inside?.types && (previous?.text === ":" || previous?.text === "["));
      const value = inside?.text === "(" || inside?.value;
      if (!inside && keywords.has(token.text)) token.colour = "keyword";
      else if (token.text === "on" && (previous?.kind === "spread" || !inside)) token.colour = "keyword";
      else if (type) token.colour = "type";
      else if (!inside) token.colour = "title";
      else if (previous?.kind === "spread") token.colour = "title";
      else if (value && next?.text === ":") token.colour = "argument";
      else if (value) token.colour = ["true", "false", "null"].includes(token.text) ? "keyword" : "enum";
      else token.colour = next?.text === ":" ? "alias" : "field";
    } else if (token.kind === "mark" && "([{".includes(token.text)) {
      const inside = open.at(-1);
      open.push({ text: token.text, types: token.text === "(" ? !inside : inside?.types, value: inside && (inside.text === "(" || inside.value) });
    } else if (token.kind === "mark" && ")]}".includes(token.text)) {
      open.pop();
    }
    previous = token;
  }
  return found;
}

const PAIRS = { "(": ")", "[": "]", "{": "}" };

// The two brackets that belong together at a place of the text; null where there is none, or no partner.
export function brackets(found, place) {
  const marks = found.filter((token) => token.kind === "mark" && "()[]{}".includes(token.text));
  const here = marks.find((token) => token.end === place) ?? marks.find((token) => token.start === place);
  const open = [];
  for (const token of marks) {
    if (PAIRS[token.text]) {
      open.push(token);
      continue;
    }
    const partner = open.pop();
    if (!partner || PAIRS[partner.text] !== token.text) return null;
    if (token === here || partner === here) return [partner, token];
  }
  return null;
}

// Lays a document out anew. Only what means nothing changes: spaces, line ends, commas.

import { analyse } from "./language.js";
import { graphqlTokens } from "./syntax.js";

const WIDTH = 80;

class Printer {
  constructor(text) {
    this.tokens = graphqlTokens(text);
    this.at = 0;
    this.lines = [];
    this.held = [];
    this.tail = "";
  }

  // The next token that means something. A comment on the way stays behind what it follows, or waits for the next line.
  get token() {
    while (this.tokens[this.at].kind === "comment") {
      const comment = this.tokens[this.at];
      if (comment.trailing && this.fresh) this.lines[this.lines.length - 1] += ` ${comment.text}`;
      else if (comment.trailing && !this.tail) this.tail = ` ${comment.text}`;
      else this.held.push(comment.text);
      this.at += 1;
    }
    return this.tokens[this.at];
  }

  take() {
    const token = this.token;
    this.fresh = false;
    this.at += 1;
    return token.text;
  }

  // Comments met so far, on lines of their own.
  release(depth) {
    for (const comment of this.held.splice(0)) this.lines.push("  ".repeat(depth) + comment);
  }

  line(text, depth) {
    this.lines.push("  ".repeat(depth) + text + this.tail);
    this.tail = "";
    this.fresh = true;
  }

  document() {
    while (this.token.kind !== "end") {
      if (this.lines.length) this.lines.push("");
      this.definition();
    }
    this.release(0);
    return `${this.lines.join("\n")}\n`;
  }

  definition() {
    this.release(0);
    let head = "";
    while (this.token.text !== "{") {
      if (this.token.text === "(") head = this.inputs(head, 0);
      else head += (head ? " " : "") + this.take();
    }
    this.selection(head, 0);
  }

  selection(head, depth) {
    this.take();
    this.line(head ? `${head} {` : "{", depth);
    while (this.token.text !== "}") this.item(depth + 1);
    this.release(depth + 1);
    this.take();
    this.line("}", depth);
  }

  item(depth) {
    this.release(depth);
    let head = this.take();
    if (head === "..." && this.token.kind === "name") {
      const inline = this.token.text === "on";
      head += (inline ? " " : "") + this.take();
      if (inline) head += ` ${this.take()}`;
    } else if (this.token.text === ":") {
      head += `${this.take()} ${this.take()}`;
    }
    for (;;) {
      if (this.token.text === "(") head = this.inputs(head, depth);
      else if (this.token.kind === "directive") head += ` ${this.take()}`;
      else break;
    }
    if (this.token.text === "{") this.selection(head, depth);
    else this.line(head, depth);
  }

  // Arguments or variables, on one line where they fit.
  inputs(head, depth) {
    this.take();
    const parts = [];
    while (this.token.text !== ")") {
      let part = this.take();
      this.take();
      part += `: ${this.value(depth + 1)}`;
      while (["!", "="].includes(this.token.text) || this.token.kind === "directive") {
        part += this.token.text === "!" ? this.take() : this.token.text === "=" ? ` ${this.take()} ${this.value(depth + 1)}` : this.annotation(depth + 1);
      }
      parts.push(part);
    }
    this.take();
    const whole = `${head}(${parts.join(", ")})`;
    if (whole.length + 2 * depth <= WIDTH && !whole.includes("\n")) return whole;
    const indent = "  ".repeat(depth + 1);
    return `${head}(\n${parts.map((part) => indent + part).join("\n")}\n${"  ".repeat(depth)})`;
  }

  annotation(depth) {
    const name = ` ${this.take()}`;
    return this.token.text === "(" ? this.inputs(name, depth) : name;
  }

  value(depth) {
    const text = this.take();
    if (text !== "[" && text !== "{") return text;
    const close = text === "[" ? "]" : "}";
    const parts = [];
    while (this.token.text !== close) {
      if (text === "[") parts.push(this.value(depth) + (this.token.text === "!" ? this.take() : ""));
      else {
        const name = this.take();
        this.take();
        parts.push(`${name}: ${this.value(depth)}`);
      }
    }
    this.take();
    return text + parts.join(", ") + close;
  }
}

const meaning = (text) => {
  const found = graphqlTokens(text);
  const words = found.filter((token) => token.kind !== "comment").map((token) => token.text);
  const comments = found.filter((token) => token.kind === "comment").map((token) => token.text);
  return JSON.stringify([words, comments]);
};

// The text laid out anew; null where it cannot be read.
export function prettify(text) {
  if (!text.trim() || analyse(text, null).broken) return null;
  const laid = new Printer(text).document();
  return meaning(laid) === meaning(text) ? laid : null;
}

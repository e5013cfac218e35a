// A text area that shows what it holds in colours, with line numbers, completion and problems.

import { Completion } from "./completion.js";
import { inked, make } from "./dom.js";
import { brackets } from "./syntax.js";

const INDENT = "  ";
const PAIRS = { "(": ")", "[": "]", "{": "}", '"': '"' };
const CLOSERS = new Set(Object.values(PAIRS));
const QUIET_MS = 600;

export class Editor {
  // `tokens(text)`; `analyse(text, cursor)` as in language.js; `changed()`; `moved(place)`; `opens` are characters after which completion shows.
  constructor(host, { label, tokens, analyse, opens, changed, moved }) {
    Object.assign(this, { host, tokens, analyse, opens, changed, moved });
    this.ink = make("pre", { className: "ink", attributes: { "aria-hidden": "true" } });
    this.gutter = make("pre", { className: "gutter", attributes: { "aria-hidden": "true" } });
    this.area = make("textarea", {
      spellcheck: false,
      wrap: "off",
      attributes: { "aria-label": label, autocapitalize: "off", autocomplete: "off", autocorrect: "off" },
    });
    this.paper = make("div", { className: "paper" }, this.ink, this.area);
    this.count = make("button", { type: "button", className: "count", title: "Next problem (F8)", disabled: true });
    this.hint = make("span", { className: "hint" });
    this.more = make("button", { type: "button", className: "link", textContent: "Docs", hidden: true });
    host.append(make("div", { className: "scroll" }, this.gutter, this.paper), make("div", { className: "strip" }, this.count, this.hint, this.more));
    this.completion = new Completion(this.area, (choice) => this.accept(choice));
    this.shown = [];
    this.foreign = [];
    this.area.addEventListener("input", (event) => this.input(event));
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("blur", () => this.completion.close());
    this.count.addEventListener("click", () => this.nextProblem());
    host.firstChild.addEventListener("scroll", () => this.completion.close());
    document.addEventListener("selectionchange", () => this.place());
    this.refresh();
  }

  get text() {
    return this.area.value;
  }

  get cursor() {
    return this.area.selectionStart;
  }

  set(text) {
    this.area.value = text;
    this.area.setSelectionRange(0, 0);
    this.foreign = [];
    this.refresh();
    this.changed?.();
  }

  // Replaces the whole text as if it was typed, so that it can be undone.
  replace(text) {
    this.area.focus();
    this.insert(text, 0, this.text.length, 0);
  }

  insert(text, from, to, cursor = from + text.length) {
    this.area.setSelectionRange(from, to);
    this.typing = true;
    // The only way that keeps the browser's own undo.
    const done = text ? document.execCommand("insertText", false, text) : from === to || document.execCommand("delete");
    this.typing = false;
    if (!done) this.area.setRangeText(text, from, to);
    this.area.setSelectionRange(cursor, cursor);
    this.edited();
  }

  input(event) {
    if (this.typing) return;
    this.edited();
    const typed = this.text[this.cursor - 1] ?? "";
    const wanted = /\w/.test(typed) || this.opens.includes(typed);
    if (event.inputType?.startsWith("delete") ? this.completion.open : wanted && event.inputType !== "insertFromPaste") this.complete();
    else this.completion.close();
  }

  edited() {
    this.foreign = [];
    const before = new Set(this.shown.map((each) => each.message));
    this.refresh((each) => before.has(each.message));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), QUIET_MS);
    this.changed?.();
  }

  // What somebody is about to type is no problem yet: `only` says which ones are shown.
  refresh(only = () => true) {
    const { problems, symbols } = this.analyse(this.text, this.cursor);
    this.symbols = symbols;
    this.shown = [...problems.filter(only), ...this.foreign].sort((a, b) => a.start - b.start);
    this.draw();
    this.place();
  }

  // Problems that the server told, by line and column from 1; they hold until the next edit.
  mark(found) {
    const lines = this.text.split("\n");
    this.foreign = found
      .map(({ message, line, column }) => {
        const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
        return { message, line, start, end: start + 1 };
      })
      .filter((each) => !this.shown.some((known) => known.start <= each.start && each.start < known.end));
    this.refresh();
  }

  draw() {
    this.coloured = this.tokens(this.text);
    const pair = this.pair ?? [];
    const wrong = (token) => this.shown.some((each) => each.start < token.end && each.end > token.start);
    this.ink.replaceChildren(
      inked(this.text, this.coloured, (token) => [wrong(token) && "wrong", pair.some((each) => each.start === token.start) && "pair"].filter(Boolean).join(" ")),
      "\n",
    );
    const lines = new Set(this.shown.map((each) => each.line));
    const numbers = Array.from({ length: this.text.split("\n").length }, (_, index) => make("span", { textContent: `${index + 1}\n`, className: lines.has(index + 1) ? "wrong" : "" }));
    this.gutter.replaceChildren(...numbers);
    const many = this.shown.length;
    this.count.disabled = !many;
    this.count.textContent = many ? `${many} problem${many > 1 ? "s" : ""}` : "";
  }

  // What the strip and the brackets say depends on the cursor.
  place() {
    const active = document.activeElement === this.area;
    const cursor = this.cursor;
    const pair = active && this.area.selectionEnd === cursor ? brackets(this.coloured, cursor) : null;
    if (pair?.[0].start !== this.pair?.[0].start || pair?.[1].start !== this.pair?.[1].start) {
      this.pair = pair;
      this.draw();
    }
    const within = (each) => each.start <= cursor && cursor <= each.end;
    const problem = this.shown.find(within) ?? (this.symbols.some(within) ? null : this.shown[0]);
    this.host.classList.toggle("has-problem", Boolean(problem));
    this.symbol = this.symbols.find(within) ?? null;
    this.hint.textContent = problem ? `Line ${problem.line}: ${problem.message}` : (this.moved?.(this.symbol, cursor) ?? "");
    this.more.hidden = !this.symbol;
  }

  nextProblem() {
    if (!this.shown.length) return;
    const next = this.shown.find((each) => each.start > this.cursor) ?? this.shown[0];
    this.area.focus();
    this.area.setSelectionRange(next.start, next.start);
    this.reveal();
    this.place();
  }

  // Where the character at the cursor stands on the screen.
  box(cursor = this.cursor) {
    const walker = document.createTreeWalker(this.ink, NodeFilter.SHOW_TEXT);
    let left = cursor;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (left <= node.length) {
        const range = document.createRange();
        range.setStart(node, left);
        const box = range.getClientRects()[0];
        if (box) return box;
        break;
      }
      left -= node.length;
    }
    const paper = this.paper.getBoundingClientRect();
    const height = Number.parseFloat(getComputedStyle(this.ink).lineHeight);
    const top = paper.top + height * (this.text.slice(0, cursor).split("\n").length - 1);
    return { left: paper.left, top, bottom: top + height };
  }

  reveal() {
    const scroll = this.host.firstChild;
    const frame = scroll.getBoundingClientRect();
    const box = this.box();
    if (box.top < frame.top || box.bottom > frame.bottom) scroll.scrollTop += box.top - frame.top - frame.height / 2;
  }

  complete(asked = false) {
    const { from, to, choices } = this.analyse(this.text, this.cursor);
    this.range = { from, to };
    this.completion.show(choices, this.text.slice(from, this.cursor), this.box(from), asked);
  }

  accept(choice) {
    const { from, to } = this.range;
    this.completion.close();
    const rest = this.text.slice(to);
    let text = choice.insert ?? choice.label;
    let cursor = from + text.length;
    if (choice.colon && !/^\s*:/.test(rest)) {
      text += ": ";
      cursor += 2;
    } else if (choice.opens && !/^\s*[({:]/.test(rest)) {
      const indent = this.indent(from);
      const inner = `{\n${indent}${INDENT}`;
      text += choice.opens === "(" ? "()" : ` ${inner}\n${indent}}`;
      cursor += choice.opens === "(" ? 1 : inner.length + 1;
    }
    this.insert(text, from, to, cursor);
    if (text !== (choice.insert ?? choice.label)) this.complete(true);
  }

  indent(place) {
    const start = this.text.lastIndexOf("\n", place - 1) + 1;
    return /^[ \t]*/.exec(this.text.slice(start))[0];
  }

  key(event) {
    if (event.isComposing) return;
    if (this.completion.key(event)) {
      event.preventDefault();
      return;
    }
    if (this.command(event)) event.preventDefault();
    // Escape frees the next Tab, so that the keyboard can leave the editor.
    if (!["Tab", "Shift"].includes(event.key)) this.leaving = event.key === "Escape";
  }

  command(event) {
    const { selectionStart: from, selectionEnd: to } = this.area;
    if (event.key === " " && event.ctrlKey) return this.complete(true) || true;
    if (event.key === "F8") return this.nextProblem() || true;
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === "Tab") return !this.leaving && (this.shift(event.shiftKey, from, to) || true);
    if (event.key === "Enter") return this.newLine(from, to) || true;
    if (event.key === "Backspace") return this.erasePair(from, to);
    return from === to && this.pairUp(event.key, from);
  }

  shift(back, from, to) {
    if (!back && from === to) return this.insert(INDENT, from, to);
    const start = this.text.lastIndexOf("\n", from - 1) + 1;
    const block = this.text.slice(start, to);
    const moved = back ? block.replace(/^ {1,2}/gm, "") : block.replace(/^(?=.)/gm, INDENT);
    if (moved === block) return undefined;
    this.insert(moved, start, to);
    if (from === to) this.area.setSelectionRange(Math.max(start, from + moved.length - block.length), Math.max(start, from + moved.length - block.length));
    else this.area.setSelectionRange(start, start + moved.length);
    return undefined;
  }

  newLine(from, to) {
    const indent = this.indent(from);
    const before = this.text[from - 1];
    if (before in PAIRS && before !== '"') {
      const inner = `\n${indent}${INDENT}`;
      const closed = this.text[to] === PAIRS[before];
      this.insert(closed ? `${inner}\n${indent}` : inner, from, to, from + inner.length);
    } else {
      this.insert(`\n${indent}`, from, to);
    }
    this.reveal();
  }

  erasePair(from, to) {
    const pair = from === to && from > 0 && PAIRS[this.text[from - 1]] === this.text[from] && this.text[from] !== undefined;
    if (pair) this.insert("", from - 1, from + 1);
    return pair;
  }

  pairUp(key, at) {
    const next = this.text[at] ?? "";
    if (CLOSERS.has(key) && next === key) {
      this.area.setSelectionRange(at + 1, at + 1);
      return true;
    }
    if (key === "}" && /^\s+$/.test(this.text.slice(this.text.lastIndexOf("\n", at - 1) + 1, at))) {
      const start = this.text.lastIndexOf("\n", at - 1) + 1;
      const indent = this.text.slice(start, at).replace(/ {1,2}$/, "");
      this.insert(`${indent}}`, start, at);
      return true;
    }
    const inString = this.coloured.some((token) => (token.kind === "string" || token.kind === "comment") && token.start < at && at < token.end + (token.kind === "comment" ? 1 : 0));
    if (!(key in PAIRS) || inString || !/^[\s)\]},]?$/.test(next) || (key === '"' && /[\w"]/.test(this.text[at - 1] ?? ""))) return false;
    this.insert(key + PAIRS[key], at, at, at + 1);
    if (this.opens.includes(key)) this.complete();
    return true;
  }
}

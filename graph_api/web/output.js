// Shows answers: coloured JSON, facts about them, the events of a stream with the newest on top.

import { inked, make } from "./dom.js";
import { jsonTokens } from "./syntax.js";

const COLOURED = 300_000;
const EVENTS = 200;

function block(text) {
  // Colours of a very long text cost more than they help.
  return make("pre", {}, text.length > COLOURED ? text : inked(text, jsonTokens(text)));
}

const number = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, "\u202f");

function size(bytes) {
  return bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function factsOf(answer, { status, ms, bytes }, events = 0) {
  const { cost } = answer?.extensions ?? {};
  const errors = answer?.errors?.length;
  return [
    errors && `${errors} error${errors > 1 ? "s" : ""}`,
    status === 200 ? "200 OK" : String(status),
    events && `${events} event${events > 1 ? "s" : ""}`,
    ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`,
    bytes !== undefined && size(bytes),
    cost && `cost ${number(cost.requested)} of ${number(cost.limit)}`,
  ].filter(Boolean);
}

export class Output {
  constructor(host) {
    this.host = host;
    this.clear();
  }

  clear() {
    this.text = "";
    this.events = 0;
    this.bytes = 0;
    this.host.replaceChildren();
  }

  show(answer, facts) {
    const text = answer === null ? facts.raw : JSON.stringify(answer, null, 2);
    if (!facts.streamed) {
      this.text = text;
      this.host.replaceChildren(block(text));
      return;
    }
    this.events += 1;
    this.bytes += facts.bytes;
    this.text = `${text}\n${this.text}`.slice(0, 1e6);
    const title = `${this.events} · ${new Date().toLocaleTimeString()} · +${(facts.ms / 1000).toFixed(1)} s`;
    this.host.prepend(make("section", {}, make("h3", { textContent: title }), block(text)));
    if (this.events > EVENTS) this.host.lastChild.remove();
  }
}

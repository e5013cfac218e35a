// Sends operations: one answer over JSON, or a stream over server-sent events.

const ENDPOINT = location.pathname;
const JSON_ANSWER = "application/graphql-response+json";

function send(body, accept, token, signal) {
  const headers = { "content-type": "application/json", accept };
  if (token) headers.authorization = `Bearer ${token}`;
  return fetch(ENDPOINT, { method: "POST", headers, body: JSON.stringify(body), signal, credentials: "omit" });
}

// The answer of a query that the console itself asks.
export async function ask(query, token) {
  const response = await send({ query }, JSON_ANSWER, token);
  const answer = await response.json().catch(() => ({}));
  return { status: response.status, ...answer };
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffered = (buffered + value).replaceAll("\r\n", "\n");
    const blocks = buffered.split("\n\n");
    buffered = blocks.pop();
    for (const block of blocks) {
      const event = { name: "message", data: "" };
      for (const line of block.split("\n")) {
        const [, name, text] = /^(\w*):? ?(.*)$/.exec(line) ?? [];
        if (name === "event") event.name = text;
        if (name === "data") event.data += text;
      }
      yield event;
    }
  }
}

// Runs one operation. `on.answer(answer, facts)` is called for its answer, or for each event of its stream.
export async function run(body, { streams, token, signal, on }) {
  const started = performance.now();
  const response = await send(body, streams ? "text/event-stream" : JSON_ANSWER, token, signal);
  const facts = { status: response.status };
  const elapsed = () => performance.now() - started;
  if (!(response.headers.get("content-type") ?? "").startsWith("text/event-stream")) {
    const text = await response.text();
    let answer = null;
    try {
      answer = JSON.parse(text);
    } catch {
      // Something between here and the server answered with a page of its own; it is shown as it is.
    }
    on.answer(answer, { ...facts, raw: text, bytes: new Blob([text]).size, ms: elapsed() });
    return { ended: true };
  }
  on.open({ ...facts, ms: elapsed() });
  for await (const event of events(response)) {
    if (event.name === "complete") return { ended: true };
    if (event.name === "next") on.answer(JSON.parse(event.data), { ...facts, bytes: new Blob([event.data]).size, ms: elapsed(), streamed: true });
  }
  return { ended: false };
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// The same request for a shell; the token stays out of it.
export function curl(body, streams) {
  const parts = [`curl -s${streams ? "N" : ""} ${quoted(location.origin + ENDPOINT)}`, '-H "authorization: Bearer $PURSIGHT_TOKEN"', "-H 'content-type: application/json'"];
  if (streams) parts.push("-H 'accept: text/event-stream'");
  return [...parts, `-d ${quoted(JSON.stringify(body))}`].join(" \\\n  ");
}

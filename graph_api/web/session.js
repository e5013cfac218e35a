// Who asks: the token, whether the server takes it, and the schema it opens.

import { ask } from "./run.js";
import { INTROSPECTION, Schema } from "./schema.js";

const AGAIN_MS = 3000;
const HELP = {
  missing: "Every request needs a token. Paste yours into the box above. `pursight token create --name console` makes one; the first `pursight up` and `pursight demo` show one.",
  refused: "The server does not take this token: it is mistyped, was revoked, or has ended. Paste another one; `pursight token create --name console` makes one.",
  forbidden: "This token may not read. Ask for one with the role READER or a higher one.",
  starting: "The server is starting; the console tries again by itself.",
  unreachable: "The server does not answer. `pursight status` shows whether it runs.",
};

// What an HTTP status says of the token.
export function state(status) {
  return { 0: "unreachable", 401: "refused", 403: "forbidden", 503: "starting" }[status] ?? "accepted";
}

export class Session {
  // `changed(state, sign, help)` is called whenever more is known; `opened(schema)` with null where the server hides its schema.
  constructor({ changed, opened }) {
    Object.assign(this, { changed, opened, token: "", round: 0 });
  }

  tell(name, sign) {
    this.changed(name, sign ?? { missing: "No token", refused: "Refused", forbidden: "May not read", starting: "Starting…", unreachable: "No answer", checking: "Checking…" }[name], HELP[name] ?? "");
  }

  async use(token) {
    this.token = token;
    this.round += 1;
    const { round } = this;
    clearTimeout(this.timer);
    if (!token) return this.tell("missing");
    this.tell("checking");
    const failed = () => ({ status: 0 });
    const [viewer, described] = await Promise.all([ask("{ viewer { name role } }", token).catch(failed), ask(INTROSPECTION, token).catch(failed)]);
    if (round !== this.round) return undefined; // another token was given meanwhile
    const name = state(viewer.status);
    if (name !== "accepted") {
      if (name === "starting" || name === "unreachable") this.timer = setTimeout(() => this.use(token), AGAIN_MS);
      return this.tell(name);
    }
    const { viewer: who } = viewer.data ?? {};
    this.tell(name, who ? `${who.name}, ${who.role}` : "Accepted");
    return this.opened(described.data ? new Schema(described.data.__schema) : null);
  }
}

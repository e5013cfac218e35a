// The list of what may stand at the cursor of an editor.

import { make } from "./dom.js";

const SHOWN = 100;
let lists = 0;

function matching(choices, typed) {
  const wanted = typed.replace(/^"/, "").toLowerCase();
  const found = choices.filter((each) => each.label.toLowerCase().includes(wanted));
  const rank = (each) => (each.label.toLowerCase().startsWith(wanted) ? 0 : 1) + (each.deprecated ? 2 : 0);
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
}

export class Completion {
  constructor(area, take) {
    lists += 1;
    this.area = area;
    this.take = take;
    this.list = make("ul", { id: `choices-${lists}`, className: "choices", hidden: true, attributes: { role: "listbox", "aria-label": "Completions" } });
    document.body.append(this.list);
    area.setAttribute("aria-autocomplete", "list");
    area.setAttribute("aria-controls", this.list.id);
    // The editor must keep the focus.
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const index = [...this.list.children].indexOf(event.target.closest("li"));
      if (index >= 0) this.take(this.choices[index]);
    });
  }

  get open() {
    return !this.list.hidden;
  }

  // Where nothing was typed or asked for, nothing is chosen yet, so that Enter still is a new line.
  show(choices, typed, box, asked = false) {
    this.choices = matching(choices, typed);
    const only = this.choices.length === 1 && !this.choices[0].opens && (this.choices[0].insert ?? this.choices[0].label) === typed;
    if (!this.choices.length || only) return this.close();
    this.list.replaceChildren(
      ...this.choices.map((each, index) =>
        make(
          "li",
          { id: `${this.list.id}-${index}`, className: each.deprecated ? "deprecated" : "", attributes: { role: "option" } },
          make("b", { textContent: each.label }),
          make("i", { textContent: each.detail ?? "" }),
          make("small", { textContent: each.about ?? "" }),
        ),
      ),
    );
    this.list.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.list;
    const below = box.bottom + height + 4 < innerHeight;
    this.list.style.left = `${Math.max(4, Math.min(box.left, innerWidth - width - 4))}px`;
    this.list.style.top = `${below ? box.bottom + 2 : Math.max(4, box.top - height - 2)}px`;
    return this.choose(typed || asked ? 0 : -1);
  }

  choose(index) {
    this.index = index;
    [...this.list.children].forEach((item, at) => item.setAttribute("aria-selected", at === this.index));
    if (index < 0) return this.area.removeAttribute("aria-activedescendant");
    this.list.children[index].scrollIntoView({ block: "nearest" });
    return this.area.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
  }

  close() {
    this.list.hidden = true;
    this.area.removeAttribute("aria-activedescendant");
  }

  // Whether the key was one of the list's.
  key(event) {
    if (!this.open || event.ctrlKey || event.metaKey || event.altKey) return false;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const many = this.choices.length;
    const taken = this.index >= 0 && (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey));
    if (steps[event.key]) this.choose(this.index < 0 ? (steps[event.key] > 0 ? 0 : many - 1) : (this.index + steps[event.key] + 8 * many) % many);
    else if (taken) this.take(this.choices[this.index]);
    else if (event.key === "Escape") this.close();
    else return false;
    return true;
  }
}

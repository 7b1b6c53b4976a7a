// The tray of the provisioning desk: every place with its colour and cause, and what to do next.
import { follow, post } from "./api.js";
import { asked, h } from "./dom.js";
import { cause, say } from "./texts.js";

const MARKS = { waiting: "·", work: "…", done: "✓", stopped: "✗", empty: "○", skipped: "↷" };

class TrayView extends HTMLElement {
  #source = null;
  #asked = "";

  connectedCallback() {
    this.big = h("p", { class: "big", role: "status" });
    this.counts = h("p", { class: "soft" });
    this.filled = h("div");
    this.failed = h("div", { class: "bad" });
    this.progress = h("div", { class: "progress", role: "progressbar", "aria-label": say("tray_done"), "aria-valuemin": 0 }, this.filled, this.failed);
    this.ask = h("section", { class: "sheet ask-box" });
    this.places = h("div", { class: "places", role: "list", "aria-label": say("tray") });
    this.append(h("h1", { class: "unseen" }, say("tray")), h("div", { class: "tray-top" }, h("section", { class: "sheet" }, this.big, this.progress, this.counts), this.ask), this.places);
    this.#source = follow("/panel/tray/events", (state) => this.#show(state));
  }

  disconnectedCallback() { this.#source?.close(); }

  #show(tray) {
    this.big.replaceChildren(String(tray.done), h("small", {}, ` / ${tray.expected}`));
    this.progress.setAttribute("aria-valuemax", tray.expected);
    this.progress.setAttribute("aria-valuenow", tray.done);
    const count = (state) => tray.places.filter((place) => place.state === state).length;
    const share = (part) => `${Math.min(100, (100 * part) / Math.max(1, tray.expected))}%`;
    this.filled.style.width = share(tray.done);
    this.failed.style.width = share(count("stopped"));
    this.counts.textContent = say("tray_counts", { done: tray.done, stopped: count("stopped"), empty: count("empty") });
    this.places.replaceChildren(...tray.places.map((place) => h("div", { class: `place ${place.state}${tray.question?.place === place.position ? " next" : ""}`, role: "listitem" },
      h("b", {}, String(place.position), h("span", { "aria-hidden": "true" }, MARKS[place.state])), h("span", {}, say(place.state === "skipped" ? "skipped_place" : place.state)), place.subject ? h("div", { class: "mono" }, place.subject) : null,
      place.cause ? h("div", {}, `${cause(place.cause)}${place.message ? `: ${place.message}` : ""}`) : null)));
    this.#question(tray);
  }

  #question(tray) {
    const { question } = tray;
    const key = JSON.stringify(question);
    if (key === this.#asked && question) return;
    this.#asked = key;
    if (!question) {
      this.ask.replaceChildren(h("h2", {}, say(tray.ended ? "tray_ended" : "tray_wait")));
      return;
    }
    const isCode = question.kind === "code";
    const field = h("input", { type: "text", inputmode: isCode ? "numeric" : "text", autocomplete: "off", required: true, "aria-label": say(isCode ? "tray_code" : "tray_scan"), placeholder: say(isCode ? "tray_code" : "tray_scan") });
    const send = (text) => post("/panel/tray/answer", { number: question.number, text });
    this.ask.replaceChildren(h("h2", {}, `${say("tray_next", { n: question.place })}: ${isCode ? say("tray_code_ask", { name: question.subject }) : say("tray_scan_ask", { n: question.place })}`),
      ...(question.problem ? [h("p", { class: "chip bad" }, question.problem)] : []),
      h("form", { class: "ask", onsubmit: asked(() => send(field.value)) }, field, h("button", { type: "submit", class: "primary" }, say("answer")), h("button", { type: "button", onclick: asked(() => send(null)) }, say("skip_place"))));
    field.focus();
  }
}
customElements.define("tray-view", TrayView);

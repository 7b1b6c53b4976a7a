// <time-bar>: true time of the rack, its rate, and the ways to move it.
import { post, put, store } from "./api.js";
import { asked, choice, h } from "./dom.js";
import { number, say, stamp } from "./texts.js";

const RATES = [1, 10, 60, 600, 3600, 86400, 604800];
const LEAPS = [["minute", "1 MIN"], ["hour", "1 HR"], ["day", "1 D"], ["month", "30 D"], ["year", "1 ANN"]];
const TICK_MS = 200;

class TimeBar extends HTMLElement {
  draw() {
    this.clock = h("output", { "aria-label": say("time") });
    this.rate = h("span", { class: "rate" });
    this.real = h("button", { type: "button", onclick: asked(() => put("/time/scale", { rate: 1 })) }, say("real"));
    this.freeze = h("button", { type: "button", onclick: asked(() => put("/time/scale", { rate: 0 })) }, say("freeze"));
    this.step = h("button", { type: "button", onclick: asked(() => post("/time/step")) }, say("step"));
    this.fast = choice([["", say("speed")], ...RATES.map((rate) => [rate, say("times", { n: number(rate) })])], "", { "aria-label": say("speed"), onchange: asked(() => this.fast.value && put("/time/scale", { rate: Number(this.fast.value) })) });
    const leap = choice([["", say("ahead")], ...LEAPS.map(([name, text]) => [text, `+ ${say(name)}`])], "", { "aria-label": say("ahead"), onchange: asked(async () => { const { value } = leap; leap.value = ""; if (value) await post("/time/advance", { leap: value }); }) });
    this.date = h("input", { type: "datetime-local", step: "1", "aria-label": say("to_date") });
    const go = h("button", { type: "submit" }, say("go"));
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", say("time"));
    this.replaceChildren(this.clock, this.rate,
      h("span", { class: "group", role: "group", "aria-label": say("speed") }, this.real, this.freeze, this.fast), leap, this.step,
      h("form", { class: "group", onsubmit: asked(() => post("/time/forward", { date: `${this.date.value}Z` })) }, this.date, go));
    this.#showRate();
    this.#tick();
  }

  connectedCallback() {
    store.addEventListener("time", (event) => { if (event.detail) this.#showRate(); this.#tick(); });
    setInterval(() => this.#tick(), TICK_MS);
  }

  #tick() {
    if (!this.clock || this.hidden) return;
    this.clock.textContent = `${stamp(store.now)} UTC`;
    if (document.activeElement !== this.date) this.date.value = new Date(store.now * 1000).toISOString().slice(0, 19);
  }

  #showRate() {
    if (!this.rate) return;
    const { rate } = store;
    this.rate.textContent = rate === 0 ? say("frozen") : rate === 1 ? say("real") : say("times", { n: number(rate) });
    this.real.setAttribute("aria-pressed", rate === 1);
    this.freeze.setAttribute("aria-pressed", rate === 0);
    this.step.disabled = rate !== 0;
    this.fast.value = RATES.includes(rate) && rate !== 1 ? String(rate) : "";
  }
}
customElements.define("time-bar", TimeBar);

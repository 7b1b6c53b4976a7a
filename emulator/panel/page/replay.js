// A recording: every fob as it was after each input, forwards and back.
import { get, store } from "./api.js";
import { asked, h, s } from "./dom.js";
import { face } from "./face.js";
import { event as eventText, input as inputText, number, say, stamp } from "./texts.js";

const PLAY_MS = 350;
const FACES_MAX = 60;

// Pictures of buttons, as fonts do not have them everywhere.
const ICONS = { first: "M3 3v10M13 3 6 8l7 5z", previous: "M11 3 4 8l7 5z", play: "M4 2l9 6-9 6z", pause: "M4 3h3v10H4zM9 3h3v10H9z", following: "M5 3l7 5-7 5z", last: "M13 3v10M3 3l7 5-7 5z" };
const icon = (name) => s("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));

class ReplayView extends HTMLElement {
  #place = 0;
  #wanted = null;
  #timer = 0;

  async connectedCallback() {
    const { name, fobs, times } = await get("/panel/replay");
    this.fobs = fobs;
    this.times = times;
    this.slider = h("input", { type: "range", min: 0, max: times.length, value: 0, class: "wide", "aria-label": say("scrub"), oninput: () => this.#go(Number(this.slider.value)) });
    this.clock = h("output", { "aria-live": "off" });
    this.where = h("span", { class: "soft", role: "status" });
    const button = (name, act) => h("button", { type: "button", "aria-label": say(name), title: say(name), onclick: act }, icon(name));
    this.playing = button("play", () => this.#toggle());
    this.faces = new Map(fobs.slice(0, FACES_MAX).map((fob) => [fob.fob, { fob, picture: face({ ...fob, segments: [], icons: [], text: "", bars: 0, contrast: 0 }, true) }]));
    this.trace = h("ol", { class: "trace", tabindex: 0, "aria-label": say("trace") });
    this.append(h("h1", { class: "unseen" }, say("replay")),
      h("section", { class: "sheet scrubber" }, h("div", { class: "bar" }, this.clock, this.where, h("span", { class: "count" }, name)), this.slider,
        h("div", { class: "bar" }, button("first", () => this.#go(0)), button("previous", () => this.#go(this.#place - 1)), this.playing, button("following", () => this.#go(this.#place + 1)), button("last", () => this.#go(times.length)))),
      h("div", { class: "replayed" }, [...this.faces.values()].map(({ fob, picture }) => h("div", { class: "sheet" }, picture, h("p", { class: "mono" }, fob.serial_number), h("p", { class: "soft" }, `${fob.fob} · ${fob.model}`)))),
      h("section", { class: "sheet" }, h("h2", {}, say("trace")), this.trace));
    await this.#go(0);
  }

  disconnectedCallback() { clearInterval(this.#timer); }

  #toggle() {
    if (this.#timer) {
      clearInterval(this.#timer);
      this.#timer = 0;
    } else {
      this.#timer = setInterval(() => (this.#place < this.times.length ? this.#go(this.#place + 1) : this.#toggle()), PLAY_MS);
    }
    this.playing.replaceChildren(icon(this.#timer ? "pause" : "play"));
  }

  // Asks for the newest place that is wanted, one at a time: a slider gives many.
  async #go(place) {
    const asking = this.#wanted !== null;
    this.#wanted = Math.max(0, Math.min(this.times.length, place));
    if (asking) return;
    await asked(async () => {
      while (this.#wanted !== null) {
        const wanted = this.#wanted;
        this.#show(await get(`/panel/replay/${wanted}`));
        if (this.#wanted === wanted) this.#wanted = null;
      }
    })();
    this.#wanted = null;
  }

  #show({ place, fobs, told }) {
    this.#place = place;
    store.setLink("live");
    this.slider.value = place;
    this.slider.setAttribute("aria-valuetext", place ? stamp(this.times[place - 1]) : say("first"));
    this.clock.textContent = this.times.length ? `${stamp(this.times[Math.max(0, place - 1)])} UTC` : "";
    this.where.textContent = say("of_inputs", { n: number(place), all: number(this.times.length) });
    for (const shown of fobs) {
      const one = this.faces.get(shown.fob);
      if (one) one.picture.fob = { ...one.fob, ...shown };
    }
    this.trace.replaceChildren(...told.map((one) => h("li", {}, h("time", { class: "mono" }, new Date(one.at * 1000).toISOString().slice(11, 23)), h("span", {}, `${one.fob}: ${inputText(one.what)}`, [...one.frames, ...one.events.map(eventText)].map((line) => h("div", { class: "soft" }, line)), one.differs ? h("b", { class: "chip bad" }, say("differs")) : null))).reverse());
  }
}
customElements.define("replay-view", ReplayView);

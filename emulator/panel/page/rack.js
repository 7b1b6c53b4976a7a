// The rack: every fob a small face, in a list that draws only what can be seen.
import { post, store } from "./api.js";
import { asked, choice, h } from "./dom.js";
import { cell, chip, face } from "./face.js";
import { keep, remembered, say } from "./texts.js";

const CARD_WIDTH = 224;
const FOOT_HEIGHT = 76;
const GAP = 12;
const SPARE_ROWS = 1;

const FILTERS = {
  all: () => true, lit: (fob) => Boolean(fob.text.trim()), dark: (fob) => !fob.text.trim(), low: (fob) => fob.is_battery_low || fob.charge_percent < 10,
  expired: (fob) => fob.is_expired, off: (fob) => !fob.running,
};
const SORTS = { channel: (fob) => fob.fob, serial: (fob) => fob.serial_number, charge: (fob) => fob.charge_percent, state: (fob) => fob.life_cycle, model: (fob) => fob.model };

class RackView extends HTMLElement {
  #search = remembered("search") ?? "";
  #filter = "all";
  #sort = "channel";
  #shown = [];
  #cards = new Map();
  #columns = 1;
  #width = CARD_WIDTH;
  #planned = false;
  #ends = new AbortController();

  connectedCallback() {
    const options = (table) => Object.keys(table).map((name) => [name, say(name)]);
    this.search = h("input", { type: "search", placeholder: say("search"), "aria-label": say("search"), value: this.#search, oninput: () => { this.#search = this.search.value; keep("search", this.#search); this.#choose(); } });
    this.counted = h("span", { class: "count", role: "status" });
    this.list = h("div", { class: "rack", role: "list", "aria-label": say("rack") });
    this.none = h("p", { class: "empty", hidden: true }, say("none"));
    this.append(
      h("h1", { class: "unseen" }, say("rack")),
      h("div", { class: "bar" }, this.search,
        h("label", {}, h("span", { class: "soft" }, say("show")), choice(options(FILTERS), this.#filter, { onchange: (event) => { this.#filter = event.target.value; this.#choose(); } })),
        h("label", {}, h("span", { class: "soft" }, say("sort")), choice(options(SORTS), this.#sort, { onchange: (event) => { this.#sort = event.target.value; this.#choose(); } })),
        this.counted),
      this.list, this.none);
    const { signal } = this.#ends;
    store.addEventListener("fobs", () => this.#choose(), { signal });
    store.addEventListener("change", (event) => this.#update(event.detail), { signal });
    addEventListener("scroll", () => this.#plan(), { signal, passive: true });
    this.resized = new ResizeObserver(() => this.#measure());
    this.resized.observe(this);
    this.list.addEventListener("keydown", (event) => this.#move(event));
    this.freshen = setInterval(() => store.refresh([...this.#cards.keys()].slice(0, 200)).catch(() => {}), 5000);
    this.#choose();
  }

  disconnectedCallback() {
    this.#ends.abort();
    this.resized.disconnect();
    clearInterval(this.freshen);
  }

  #choose() {
    const words = this.#search.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (fob) => words.every((word) => `${fob.serial_number} ${fob.credential_id} ${fob.model} ${fob.text} ${fob.fob}`.toLowerCase().includes(word));
    const value = SORTS[this.#sort];
    this.#shown = [...store.fobs.values()].filter((fob) => FILTERS[this.#filter](fob) && matches(fob)).map((fob) => [value(fob), fob.fob])
      .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x - y)).map(([, number]) => number);
    this.counted.textContent = say("count", { shown: this.#shown.length.toLocaleString(), all: store.fobs.size.toLocaleString() });
    this.none.hidden = this.#shown.length > 0;
    for (const card of this.#cards.values()) card.remove();
    this.#cards.clear();
    this.#measure();
  }

  #measure() {
    const width = this.list.clientWidth || this.clientWidth;
    this.#columns = Math.max(1, Math.floor((width + GAP) / (CARD_WIDTH + GAP)));
    this.#width = Math.min(420, (width - GAP * (this.#columns - 1)) / this.#columns);
    const rows = Math.ceil(this.#shown.length / this.#columns);
    this.list.style.height = `${rows * (this.#height + GAP)}px`;
    this.#draw(true);
  }

  // The widest fob is drawn the lowest; six digits set the height.
  get #height() { return Math.round(FOOT_HEIGHT + (this.#width - 22) * 0.43); }

  #plan() {
    if (this.#planned) return;
    this.#planned = true;
    requestAnimationFrame(() => { this.#planned = false; this.#draw(); });
  }

  #draw(moveAll = false) {
    const pitch = this.#height + GAP;
    const top = -this.list.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / pitch) - SPARE_ROWS) * this.#columns;
    const last = Math.min(this.#shown.length, (Math.ceil((top + innerHeight) / pitch) + SPARE_ROWS) * this.#columns);
    const wanted = new Set(this.#shown.slice(first, Math.max(first, last)));
    for (const [number, card] of this.#cards) {
      if (!wanted.has(number) && !card.contains(document.activeElement)) {
        card.remove();
        this.#cards.delete(number);
      }
    }
    for (let place = first; place < last; place += 1) {
      const number = this.#shown[place];
      let card = this.#cards.get(number);
      if (card && !moveAll) continue;
      if (card && card.dataset.width !== String(this.#width)) {
        card.remove();
        card = null;
      }
      if (!card) {
        card = this.#make(store.fobs.get(number));
        this.#cards.set(number, card);
        this.list.append(card);
      }
      card.setAttribute("aria-posinset", place + 1);
      card.setAttribute("aria-setsize", this.#shown.length);
      card.dataset.place = place;
      card.dataset.width = this.#width;
      card.style.width = `${this.#width}px`;
      card.style.height = `${this.#height}px`;
      card.style.transform = `translate(${(place % this.#columns) * (this.#width + GAP)}px, ${Math.floor(place / this.#columns) * pitch}px)`;
    }
  }

  #make(fob) {
    const card = h("div", { class: "card", role: "listitem", "data-fob": fob.fob });
    card.picture = face(fob, true);
    card.chip = h("span", { class: "state" });
    card.link = h("a", { href: `#/fob/${fob.fob}` }, card.picture, h("span", { class: "name mono" }, fob.serial_number));
    const key = h("button", { type: "button", class: "on-key", "aria-label": say("press_fob", { name: fob.serial_number }), title: say("press"), onclick: asked(() => post(`/fobs/${fob.fob}/button/press${store.rate ? "" : "?wait=true"}`)) });
    const { width, centre } = card.picture.keyPlace;
    key.style.left = `${10 + (this.#width - 22) * (centre / width) - 17}px`;
    key.style.top = `${10 + (this.#width - 22) * (70 / width) - 17}px`;
    card.append(card.link, h("div", { class: "foot" }, h("span", { class: "soft model" }, `${fob.fob} · ${fob.model}`), card.chip), key);
    this.#fill(card, fob);
    return card;
  }

  #fill(card, fob) {
    card.picture.fob = fob;
    card.link.setAttribute("aria-label", say("open_fob", { name: fob.serial_number, model: fob.model, text: fob.text.trim() || say("nothing") }));
    const state = `${fob.running},${fob.is_expired},${fob.is_battery_low},${fob.life_cycle},${Math.round(fob.charge_percent)}`;
    if (card.dataset.state !== state) {
      card.dataset.state = state;
      card.chip.replaceChildren(...[chip(fob), fob.is_soft ? null : cell(fob)].filter(Boolean));
    }
  }

  #update(changed) {
    if (this.#filter !== "all" && [...changed].length) {
      // A fob may have come into the filter, or left it; the one under the pointer stays for now.
      clearTimeout(this.later);
      this.later = setTimeout(() => this.#choose(), 250);
    }
    for (const number of changed) {
      const card = this.#cards.get(number);
      if (card) this.#fill(card, store.fobs.get(number));
    }
  }

  #move(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.#columns, ArrowUp: -this.#columns, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    const card = event.target.closest(".card");
    if (step === undefined || !card || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const place = Math.max(0, Math.min(this.#shown.length - 1, Number(card.dataset.place) + step));
    const pitch = this.#height + GAP;
    const wanted = Math.floor(place / this.#columns) * pitch + this.list.getBoundingClientRect().top;
    if (wanted < 70 || wanted + pitch > innerHeight) scrollBy({ top: wanted - innerHeight / 3 });
    this.#draw();
    this.#cards.get(this.#shown[place])?.link.focus({ preventScroll: true });
    this.#draw();
  }
}
customElements.define("rack-view", RackView);

// One fob: drawn as an object that can be pressed and turned over, with its meters and its bench.
import { describe, get, means, post, put, remove, store } from "./api.js";
import { asked, choice, h } from "./dom.js";
import { chip, face } from "./face.js";
import * as charts from "./charts.js";
import { event as eventText, number, say, stamp, whyDark } from "./texts.js";

const HOLD_MARGIN = 0.5;
const READ_MS = 5000;
const SHORT_SECONDS = 0.2;

class FobView extends HTMLElement {
  #fob = null;
  #ends = new AbortController();
  #pressed = null;
  #reading = false;
  #again = false;

  async connectedCallback() {
    this.channel = Number(this.getAttribute("fob"));
    this.path = `/fobs/${this.channel}`;
    try {
      [this.#fob, this.means, this.barcodes] = await Promise.all([get(this.path), means(), get(`/panel/barcodes/${this.channel}`)]);
    } catch (error) {
      this.append(h("p", { class: "empty" }, error.status === 404 ? say("no_fob") : error.message));
      return;
    }
    if (!this.isConnected) return;
    this.#draw();
    const { signal } = this.#ends;
    store.addEventListener("change", ({ detail }) => detail.has(this.channel) && this.#changed(), { signal });
    store.addEventListener("fobs", () => this.#read(), { signal });
    store.addEventListener("time", ({ detail }) => detail && this.#read(), { signal });
    addEventListener("blur", () => this.#release(), { signal });
    this.timer = setInterval(() => this.#read(), READ_MS);
  }

  disconnectedCallback() {
    this.#release();
    this.#ends.abort();
    clearInterval(this.timer);
  }

  // Drawing ---------------------------------------------------------------------------------------

  #draw() {
    const fob = this.#fob;
    this.className = "fob";
    this.picture = face(fob);
    this.why = h("p", { class: "why", role: "status" });
    this.state = h("span", {});
    const turn = h("button", { type: "button", "aria-pressed": "false", onclick: () => { this.picture.turn({ ...fob.label, model: fob.model }, this.barcodes); turn.setAttribute("aria-pressed", this.picture.isBack); } }, say("turn"));
    const hold = fob.long_press_seconds + HOLD_MARGIN;
    this.#bindKey(fob);
    const sheet = (name, ...content) => h("section", { class: "sheet", "aria-label": say(name) }, h("h2", {}, say(name)), content);
    this.meters = h("dl");
    this.clock = h("div");
    this.slots = h("div", { class: "scroll" });
    this.life = h("div");
    this.trace = h("ol", { class: "trace", tabindex: 0, "aria-label": say("trace") });
    this.notes = h("div");
    this.replaceChildren(
      h("div", { class: "fob-head" }, h("a", { href: "#/" }, `← ${say("back")}`), h("h1", { class: "mono" }, fob.serial_number), h("span", { class: "soft" }, `${fob.model} · ${say("channel")} ${fob.fob}`), this.state),
      h("div", { class: "left" },
        h("section", { class: "sheet stage", "aria-label": fob.serial_number }, this.picture, this.why,
          h("div", { class: "acts" }, h("button", { type: "button", onclick: asked(() => this.#press(SHORT_SECONDS)) }, say("press")), h("button", { type: "button", onclick: asked(() => this.#press(hold)) }, say("hold", { n: number(hold, 1) })), turn)),
        sheet("trace", this.trace)),
      h("div", { class: "sheets" }, sheet("meters", this.meters), sheet("clock", this.clock), sheet("slots", this.slots), sheet("life", this.life), sheet("bench", this.#controls(fob)), this.notes));
    this.#show();
  }

  #show() {
    const fob = this.#fob;
    this.picture.fob = fob;
    this.why.textContent = fob.is_stuck ? say("button_stuck") : whyDark(fob);
    this.state.replaceChildren(...[chip(fob)].filter(Boolean));
    this.#showMeters(fob);
    this.#showClock(fob);
    this.slots.replaceChildren(this.#slotTable(fob));
    const drawn = charts.life(fob, store.now);
    this.life.replaceChildren(...(drawn ? [drawn, h("p", { class: "soft" }, say("per_day", { n: number(fob.expected.presses_per_day) }))] : ["–"]));
    const atEnd = this.trace.scrollTop < 4;
    this.trace.replaceChildren(...(fob.events.length ? fob.events.map((line) => h("li", {}, h("time", { class: "mono" }, line.slice(0, 12)), eventText(line.slice(13)))).reverse() : [h("li", { class: "soft" }, say("no_events"))]));
    if (atEnd) this.trace.scrollTop = 0;
    this.#showProgram(fob);
    if (this.cellOut) {
      this.cellOut.hidden = !fob.is_cell_in;
      this.cellIn.hidden = fob.is_cell_in;
      this.stick.hidden = fob.is_stuck;
      this.free.hidden = !fob.is_stuck;
      this.armed.textContent = fob.faults.length ? `${say("armed")}: ${fob.faults.join("; ")}` : "";
    }
  }

  #showMeters(fob) {
    const rows = [
      ["state", say(fob.life_cycle) || "–"],
      ["charge", `${number(fob.charge_percent, 1)} %`], ["volts", `${number(fob.volts, 2)} V (${number(fob.volts_loaded, 2)} V ${say("loaded")})`], ["celsius", `${number(fob.celsius, 1)} °C`],
      ["presses", fob.presses_max ? say("of", { n: number(fob.presses), max: number(fob.presses_max) }) : number(fob.presses)], ["ignored", number(fob.ignored)],
      ["wear", say("erases", { n: number(Math.max(0, ...fob.erases)), max: number(fob.erases_max) })],
    ];
    this.meters.replaceChildren(...rows.flatMap(([name, text]) => [h("dt", {}, say(name)), h("dd", {}, text)]));
  }

  #showClock(fob) {
    const error = fob.clock_error_seconds;
    if (error === null) {
      this.clock.replaceChildren(h("p", { class: "soft" }, say("clock_none")));
      return;
    }
    const amount = number(Math.abs(error), Math.abs(error) < 10 ? 2 : 0);
    const totp = fob.slots.find((slot) => slot.kind === "TOTP");
    this.clock.replaceChildren(
      h("dl", {}, h("dt", {}, say("fob_time")), h("dd", { class: "mono" }, stamp(fob.clock_unix)), h("dt", {}, say("clock_error")), h("dd", {}, say(error < 0 ? "behind_by" : "ahead_by", { n: amount }))),
      ...[totp ? charts.clock(fob, this.means.windows, totp.step_seconds) : null].filter(Boolean));
  }

  #slotTable(fob) {
    if (!fob.slots.length) return h("p", { class: "soft" }, say("no_slots"));
    const head = ["slot", "kind", "hash", "digits"].map((name) => h("th", { scope: "col" }, say(name)));
    const rows = fob.slots.map((slot) => h("tr", {}, [slot.number, slot.kind === "TOTP" ? `TOTP ${slot.step_seconds} s` : slot.kind, slot.algorithm, slot.digits].map((value) => h("td", {}, value)), h("td", { class: "mono" }, number(slot.next_factor))));
    return h("div", {}, h("table", {}, h("thead", {}, h("tr", {}, head, h("th", { scope: "col" }, say(fob.slots[0].kind === "TOTP" ? "last_step" : "next")))), h("tbody", {}, rows)), h("p", { class: "soft" }, say("seeds_never")));
  }

  #showProgram(fob) {
    const parts = [];
    if (fob.notes.length) parts.push(h("h2", {}, say("notes")), h("ul", {}, fob.notes.map((note) => h("li", {}, note))));
    if (fob.processor) {
      const { registers, where } = fob.processor;
      parts.push(h("h2", {}, say("registers")), h("p", {}, say("line_at", { where })), h("pre", {}, Object.entries(registers).map(([name, value]) => `${name.padStart(4)} ${value}`).join("\n")));
    }
    this.notes.className = parts.length ? "sheet" : "";
    this.notes.replaceChildren(...parts);
  }

  // The bench ---------------------------------------------------------------------------------------

  #controls(fob) {
    const bench = (method, path, body) => asked(async () => { await method(`${this.path}/${path}`, typeof body === "function" ? body() : body); await this.#read(); });
    const button = (text, act) => h("button", { type: "button", onclick: act }, say(text));
    const row = (what, ...content) => h("div", { class: "row" }, h("span", { class: "what" }, say(what)), content);
    const charge = h("input", { type: "number", min: 0, max: 100, step: "any", value: Math.round(fob.charge_percent), "aria-label": say("charge") });
    const celsius = h("input", { type: "number", min: -60, max: 120, step: "any", value: fob.celsius, "aria-label": say("celsius") });
    const profile = choice([["", say("profile")], ["room", "room"], ["pocket", "pocket"], ["car", "car"]], "", { "aria-label": say("profile"), onchange: asked(async () => { if (profile.value) await put(`${this.path}/temperature/profile`, { profile: profile.value }); }) });
    const name = h("input", { type: "text", value: "panel", maxlength: 64, "aria-label": say("name") });
    const saved = choice([], "", { "aria-label": say("snapshot") });
    const list = asked(async () => { const { values } = await get("/snapshot/catalog"); saved.replaceChildren(...values.map((value) => h("option", { value }, value))); saved.parentElement.hidden = !values.length; });
    const rows = [];
    if (!fob.is_soft) {
      [this.cellOut, this.cellIn] = [button("cut", bench(post, "power/cut")), button("restore", bench(post, "power/restore"))];
      [this.stick, this.free] = [button("stuck", bench(put, "button/stuck", { stuck: true })), button("free", bench(put, "button/stuck", { stuck: false }))];
      rows.push(row("charge", charge, "%", button("set", bench(put, "battery/charge", () => ({ charge: Number(charge.value) })))), row("cell", this.cellOut, this.cellIn), row("key", this.stick, this.free));
    }
    this.armed = h("p", { class: "soft" });
    rows.push(row("celsius", celsius, "°C", button("set", bench(put, "temperature", () => ({ temperature: Number(celsius.value) }))), profile),
      h("fault-form", { fob: this.channel }), h("div", { class: "row" }, button("end_faults", bench(post, "fault/clear")), this.armed),
      row("snapshot", name, button("save", asked(async () => { await post(`${this.path}/snapshot/save`, { name: name.value }); await list(); }))),
      h("div", { class: "row", hidden: true }, saved, button("bring_back", bench(post, "snapshot/restore", () => ({ name: saved.value }))), button("forget", asked(async () => { await post("/snapshot/delete", { name: saved.value }); await list(); }))));
    list();
    return h("div", { class: "controls" }, rows);
  }

  // The button --------------------------------------------------------------------------------------

  #bindKey(fob) {
    const { key } = this.picture;
    key.setAttribute("aria-label", say("button", { n: number(fob.long_press_seconds, 1) }));
    key.addEventListener("pointerdown", (event) => { if (event.button === 0) { key.setPointerCapture(event.pointerId); this.#push(); } });
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) key.addEventListener(type, () => this.#release());
    key.addEventListener("keydown", (event) => { if ((event.key === " " || event.key === "Enter") && !event.ctrlKey) { event.preventDefault(); if (!event.repeat) this.#push(); } });
    key.addEventListener("keyup", (event) => { if (event.key === " " || event.key === "Enter") { event.preventDefault(); this.#release(); } });
    key.addEventListener("blur", () => this.#release());
    // A screen reader clicks without pointer or key.
    key.addEventListener("click", (event) => { if (event.detail === 0 && !this.#pressed) asked(() => this.#press(SHORT_SECONDS))(); });
  }

  // Where true time is the wall clock's, the finger goes down and up as it does here. At another
  // rate a press would last for hours, or nothing would happen in it: then its length is measured
  // here, and the bench presses for that long in true time.
  #push() {
    if (this.#pressed) return;
    this.picture.key.classList.add("down");
    const real = store.rate === 1;
    this.#pressed = { since: performance.now(), real, down: real ? post(`${this.path}/button/down`) : null };
    this.#pressed.down?.catch(() => {});
  }

  async #release() {
    const pressed = this.#pressed;
    if (!pressed) return;
    this.#pressed = null;
    this.picture.key.classList.remove("down");
    await asked(async () => {
      if (!pressed.real) {
        await this.#press(Math.max(SHORT_SECONDS, (performance.now() - pressed.since) / 1000));
        return;
      }
      await pressed.down;
      await post(`${this.path}/button/up`);
    })();
  }

  async #press(seconds) {
    await post(`${this.path}/button/press${store.rate ? "" : "?wait=true"}`, { duration: Math.round(seconds * 1000) / 1000 });
  }

  // News --------------------------------------------------------------------------------------------

  #changed() {
    const before = this.#fob;
    this.#fob = { ...before, ...store.fobs.get(this.channel), events: before.events };
    this.picture.fob = this.#fob;
    this.why.textContent = this.#fob.is_stuck ? say("button_stuck") : whyDark(this.#fob);
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#read(), 120);
  }

  async #read() {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      this.#fob = await get(this.path);
      if (this.isConnected) this.#show();
    } catch { /* the link's state says it */ }
    this.#reading = false;
    if (this.#again) {
      this.#again = false;
      this.#read();
    }
  }
}
customElements.define("fob-view", FobView);

// A form for every fault that the bench has, made from the bench's own description.
class FaultForm extends HTMLElement {
  async connectedCallback() {
    const prefix = "/fobs/{fobs}/fault/";
    const { paths } = await describe();
    const faults = Object.keys(paths).filter((path) => path.startsWith(prefix) && paths[path].post && !path.endsWith("/clear"));
    const list = choice(faults.map((path) => [path, path.slice(prefix.length).replaceAll("/", " ")]), faults[0], { "aria-label": say("fault") });
    const fields = h("span", { class: "row" });
    const draw = () => {
      const schema = paths[list.value].post.requestBody?.content["application/json"].schema ?? { properties: {} };
      fields.replaceChildren(...Object.entries(schema.properties).map(([name, one]) => h("label", { title: one.description ?? null }, h("span", { class: "soft" }, name.replaceAll("_", " ")),
        one.enum ? choice(one.enum.map((word) => [word, word]), one.default, { name }) : h("input", { type: "number", step: "any", name, min: one.minimum, max: one.maximum, value: one.default ?? Math.max(one.minimum ?? 0, 1) }))));
    };
    list.addEventListener("change", draw);
    const order = asked(async () => {
      const body = Object.fromEntries([...fields.querySelectorAll("[name]")].map((field) => [field.name, field.type === "number" ? Number(field.value) : field.value]));
      await post(list.value.replace("{fobs}", this.getAttribute("fob")), Object.keys(body).length ? body : undefined);
    });
    this.append(h("form", { class: "row", onsubmit: order }, h("span", { class: "what" }, say("fault")), list, fields, h("button", { type: "submit" }, say("order"))));
    draw();
  }
}
customElements.define("fault-form", FaultForm);

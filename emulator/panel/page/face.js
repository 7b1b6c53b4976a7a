// <fob-face>: a fob drawn as an object. Set `fob` (a fob of the store) and, for a card, `small`.
import { h, s } from "./dom.js";
import { say } from "./texts.js";

// Corners of each segment in a cell of 20 x 36, bit 0 = a (top) clockwise to f, bit 6 = g.
const POLYGONS = [
  "3.2,1 16.8,1 14,4.4 6,4.4", "17.6,1.8 17.6,17.2 15.9,17.9 14.3,16.3 14.3,5.1", "17.6,18.8 17.6,34.2 14.3,30.9 14.3,19.7 15.9,18.1",
  "6,31.6 14,31.6 16.8,35 3.2,35", "2.4,18.8 4.1,18.1 5.7,19.7 5.7,30.9 2.4,34.2", "2.4,1.8 5.7,5.1 5.7,16.3 4.1,17.9 2.4,17.2",
  "4.6,18 6.3,16.4 13.7,16.4 15.4,18 13.7,19.6 6.3,19.6",
];
const PITCH = 24;

export class FobFace extends HTMLElement {
  #parts = null;
  #shape = "";
  #back = false;
  small = false;

  set fob(fob) {
    const shape = `${fob.positions},${fob.has_letters},${fob.step_bars},${this.small},${fob.is_soft}`;
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#draw(fob);
    }
    this.#show(fob);
  }

  get key() { return this.#parts?.key; }
  get keyPlace() { return { width: this.#parts.width, centre: this.#parts.width - 58 }; }
  get isBack() { return this.#back; }

  turn(label, barcodes) {
    this.#back = !this.#back;
    this.#parts.front.toggleAttribute("hidden", this.#back);
    this.#parts.front.style.display = this.#back ? "none" : "";
    this.#parts.back.replaceChildren();
    if (this.#back) this.#drawBack(label, barcodes);
  }

  #draw(fob) {
    const positions = Math.max(fob.positions, 1);
    const letters = fob.has_letters;
    const inner = letters ? 216 : positions * PITCH + 12;
    const width = Math.max(inner, 120) + 176;
    const left = 62;
    const glass = Math.max(inner, 120);
    const segments = [];
    const cells = letters ? [] : Array.from({ length: positions }, (_, place) => {
      const cell = POLYGONS.map((points) => s("polygon", { points, class: "seg" }));
      segments.push(cell);
      return s("g", { transform: `translate(${left + (glass - positions * PITCH) / 2 + place * PITCH + 4} ${fob.step_bars ? 48 : 52}) skewX(-5)` }, cell);
    });
    const bars = Array.from({ length: fob.step_bars }, (_, place) =>
      s("rect", { class: "seg", x: left + 8 + place * ((glass - 16) / fob.step_bars), y: 93, width: (glass - 16) / fob.step_bars - 2, height: 4, rx: 1 }));
    const text = s("text", { class: "letters", x: left + glass / 2, y: 80, "text-anchor": "middle" });
    const icons = s("text", { class: "icon-text", x: left + 8, y: 49 });
    const pane = s("rect", { class: "pane", x: left, y: 38, width: glass, height: 64, rx: 5 });
    const dead = s("g", { class: "dead-marks" });
    const centre = width - 58;
    const key = s("g", this.small ? { class: "key" } : { class: "key", role: "button", tabindex: 0 },
      s("circle", { class: "ring", cx: centre, cy: 70, r: 25 }), s("circle", { cx: centre, cy: 70, r: 22 }), s("circle", { class: "focus", cx: centre, cy: 70, r: 30 }));
    const front = s("g", {},
      s("rect", { class: "bezel", x: left - 6, y: 32, width: glass + 12, height: 76, rx: 9 }), pane, cells, bars, letters ? text : null, icons, dead,
      s("path", { class: "shine", d: `M${left} 43a5 5 0 0 1 5-5h${glass * 0.42}l-22 64H${left + 5}a5 5 0 0 1-5-5z` }),
      s("text", { class: "brand-text", x: left, y: 125 }, fob.model), key);
    const back = s("g", { class: "back" });
    const picture = s("svg", { viewBox: `0 0 ${width} 140`, role: "img" },
      s("rect", { class: "body", x: 2, y: 8, width: width - 4, height: 126, rx: fob.is_soft ? 20 : 60 }), s("rect", { class: "rim", x: 6, y: 12, width: width - 12, height: 118, rx: fob.is_soft ? 16 : 56 }),
      fob.is_soft ? s("rect", { class: "bezel", x: 28, y: 52, width: 5, height: 36, rx: 2.5 }) : s("circle", { class: "hole", cx: 30, cy: 70, r: 11 }), front, back);
    if (!this.small) picture.setAttribute("role", "group");
    this.replaceChildren(picture);
    this.#parts = { picture, segments, bars, text, icons, pane, key, front, back, width, left, glass, dead };
  }

  #show(fob) {
    const parts = this.#parts;
    parts.picture.style.setProperty("--contrast", fob.contrast / 100);
    parts.pane.classList.toggle("black", fob.dark === "too hot");
    parts.segments.forEach((cell, place) => cell.forEach((segment, bit) =>
      segment.classList.toggle("on", Boolean(((fob.segments[place] ?? 0) >> bit) & 1))));
    parts.bars.forEach((bar, place) => bar.classList.toggle("on", place < fob.bars));
    parts.text.textContent = fob.text;
    parts.icons.textContent = fob.icons.join(" ");
    parts.key.classList.toggle("stuck", Boolean(fob.is_stuck));
    const shown = fob.text.trim() || say("nothing");
    if (this.small) parts.picture.setAttribute("aria-label", shown);
    else parts.picture.setAttribute("aria-label", `${fob.serial_number}: ${shown}`);
  }

  #drawBack(label, barcodes) {
    const { back, width } = this.#parts;
    const rows = [["label_serial", label.serial_number, barcodes.serial], ["label_id", label.credential_id, barcodes.credential]].filter(([, text]) => text);
    const plate = width - 116;
    back.append(s("rect", { class: "plate", x: 54, y: 26, width: plate, height: 90, rx: 5 }));
    let y = 41;
    for (const [name, text, code] of rows.slice(0, label.serial_number === label.credential_id ? 1 : 2)) {
      back.append(s("text", { x: 62, y }, say(name)), s("text", { class: "mono", x: 90, y }, text));
      if (code?.bars) {
        const scale = (plate - 24) / code.width;
        back.append(s("path", { class: "bars", role: "img", "aria-label": `${code.kind}: ${text}`, d: code.bars.map(([at, wide]) => `M${(62 + at * scale).toFixed(2)} ${y + 5}h${(wide * scale).toFixed(2)}v20h-${(wide * scale).toFixed(2)}z`).join("") }));
        y += 42;
      } else y += 20;
    }
    if (label.expiry_date) back.append(s("text", { x: 62, y: 110 }, `${say("label_expiry")} ${label.expiry_date}`));
    back.append(s("text", { x: 54 + plate - 8, y: 110, "text-anchor": "end" }, label.model ?? ""), s("circle", { class: "screw", cx: width - 34, cy: 70, r: 6 }));
  }
}
customElements.define("fob-face", FobFace);

export const face = (fob, small = false) => {
  const element = h("fob-face");
  element.small = small;
  element.fob = fob;
  return element;
};

// A coin cell's charge as a small picture.
export function cell(fob) {
  const percent = Math.max(0, Math.min(100, fob.charge_percent ?? 0));
  return s("svg", { class: "cell", viewBox: "0 0 26 12", role: "img", "aria-label": say("battery", { n: Math.round(percent) }), "data-low": fob.is_battery_low || percent < 10 ? "" : null },
    s("rect", { x: .5, y: .5, width: 22, height: 11, rx: 2.5 }), s("rect", { class: "pole", x: 23.5, y: 3.5, width: 2, height: 5, rx: 1 }), s("rect", { class: "full", x: 2, y: 2, width: (19 * percent) / 100, height: 8, rx: 1.2 }));
}

// The state of a fob as a coloured word.
export function chip(fob) {
  if (!fob.running) return h("span", { class: "chip bad" }, say("off"));
  if (fob.is_expired) return h("span", { class: "chip bad" }, say("expired"));
  if (fob.is_battery_low) return h("span", { class: "chip warn" }, say("low"));
  const kind = { "in use": "good", locked: "bad", terminated: "bad", sealed: "warn" }[fob.life_cycle] ?? "";
  return fob.life_cycle ? h("span", { class: `chip ${kind}` }, say(fob.life_cycle)) : null;
}

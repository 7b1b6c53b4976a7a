// Two small drawings: a fob's life, and its clock against what servers accept.
import { h, s } from "./dom.js";
import { day, number, say } from "./texts.js";

const WIDTH = 420;
const LEFT = 46;

export function life(fob, now) {
  const { made, expected } = fob;
  if (!made || !expected) return null;
  const last = Math.max(expected.empty, fob.expiry ?? 0, now) + 86400 * 60;
  const x = (seconds) => LEFT + ((seconds - made) / (last - made)) * (WIDTH - LEFT - 10);
  const y = (percent) => 12 + (100 - percent) * 0.94;
  const marks = [["expiry", fob.expiry]].filter(([, at]) => at);
  return s("svg", { class: "chart", viewBox: `0 0 ${WIDTH} 136`, role: "img", "aria-label": `${say("life")}: ${say("battery", { n: Math.round(fob.charge_percent) })}; ${say("expects", { date: day(expected.empty) })}` },
    [0, 50, 100].map((percent) => [s("line", { class: "axis", x1: LEFT, x2: WIDTH - 10, y1: y(percent), y2: y(percent) }), s("text", { x: 0, y: y(percent) + 4 }, `${percent} %`)]),
    marks.map(([name, at]) => [s("line", { class: "mark", x1: x(at), x2: x(at), y1: 8, y2: y(0) }), s("text", { x: x(at) - 3, y: 18, "text-anchor": "end" }, say(name))]),
    s("path", { class: "was", d: `M${x(made)} ${y(100)}L${x(now)} ${y(fob.charge_percent)}` }),
    s("path", { class: "will", d: `M${x(now)} ${y(fob.charge_percent)}L${x(expected.empty)} ${y(0)}` }),
    s("circle", { class: "dot", cx: x(now), cy: y(fob.charge_percent), r: 4 }),
    s("text", { x: LEFT, y: 130 }, `${say("made")} ${day(made)}`), s("text", { x: WIDTH - 10, y: 130, "text-anchor": "end" }, `${say("end")} ${day(expected.empty)}`));
}

// `windows`: [{title, steps}] of known servers; the needle is the fob's error in steps.
export function clock(fob, windows, stepSeconds) {
  const known = windows.map((one) => ({ title: one.title, seconds: one.steps === null ? one.seconds : one.steps * stepSeconds })).filter((one) => one.seconds !== null);
  const error = fob.clock_error_seconds;
  if (!known.length) return null;
  const reach = Math.max(...known.map((one) => one.seconds), Math.abs(error), stepSeconds) * 1.08;
  const label = 150;
  const x = (seconds) => label + ((seconds + reach) / (2 * reach)) * (WIDTH - label - 8);
  const row = 20;
  const height = known.length * row + 30;
  return h("div", {}, h("p", { class: "soft" }, say("windows", { n: stepSeconds })),
    s("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": known.map((one) => `${one.title}: ± ${number(one.seconds)} s ${Math.abs(error) <= one.seconds ? "✓" : "✗"}`).join("; ") },
      known.map((one, place) => [
        s("text", { x: 0, y: place * row + 15 }, one.title.length > 24 ? `${one.title.slice(0, 23)}…` : one.title),
        s("rect", { class: "window", x: x(-one.seconds), y: place * row + 3, width: Math.max(2, x(one.seconds) - x(-one.seconds)), height: row - 6, rx: 4 })]),
      s("line", { class: "axis", x1: x(0), x2: x(0), y1: 0, y2: height - 24 }),
      s("line", { class: "needle", x1: x(error), x2: x(error), y1: 0, y2: height - 24 }),
      s("text", { x: x(-reach), y: height - 8 }, `− ${number(reach)} s`), s("text", { x: x(reach), y: height - 8, "text-anchor": "end" }, `+ ${number(reach)} s`)));
}

// Checks: which known servers would accept a code, and scenarios played step by step.
import { follow, get, means, post, store } from "./api.js";
import { asked, choice, h } from "./dom.js";
import { lang, reason, say } from "./texts.js";

class ChecksView extends HTMLElement {
  async connectedCallback() {
    this.className = "checks";
    const { views } = await means();
    this.append(h("h1", { class: "unseen" }, say("checks")));
    if (!views.includes("checks")) {
      this.append(h("p", { class: "empty" }, say("no_checks")));
      return;
    }
    this.append(this.#codes(), h("scenario-player", { class: "sheet" }));
  }

  #codes() {
    const fobs = [...store.fobs.values()];
    const names = h("datalist", { id: "fob-names" }, fobs.slice(0, 500).map((fob) => h("option", { value: fob.serial_number })));
    const fob = h("input", { type: "text", list: "fob-names", value: fobs[0]?.serial_number ?? "", autocomplete: "off", "aria-label": say("fob") });
    const code = h("input", { class: "code-field", inputmode: "numeric", autocomplete: "off", maxlength: 12, "aria-label": say("code"), placeholder: say("code") });
    const answers = h("div", { class: "scroll", role: "status" });
    const chosen = () => fobs.find((one) => [one.serial_number, one.credential_id, String(one.fob)].includes(fob.value.trim()));
    const number = () => {
      const found = chosen();
      if (!found) throw new Error(say("no_fob"));
      return found.fob;
    };
    const check = asked(async () => {
      const { opinions } = await post("/panel/checks", { fob: number(), code: code.value });
      const verdict = (one) => (one.accepted === null ? ["", "?", "unknown"] : one.accepted ? ["good", "✓", "accepted"] : ["bad", "✗", "refused"]);
      answers.replaceChildren(h("table", {}, h("thead", {}, h("tr", {}, ["server", "verdict", "reason"].map((name) => h("th", { scope: "col" }, say(name))))),
        h("tbody", {}, opinions.map((one) => { const [kind, sign, word] = verdict(one); return h("tr", {}, h("td", {}, one.title), h("td", {}, h("span", { class: `chip ${kind}` }, `${sign} ${say(word)}`)), h("td", {}, reason(one.reason))); }))));
    });
    return h("section", { class: "sheet" }, h("h2", {}, say("check_title")), h("p", { class: "soft" }, say("check_help")),
      h("form", { class: "ask", onsubmit: check }, fob, names, code, h("button", { type: "submit", class: "primary" }, say("check")),
        h("button", { type: "button", onclick: asked(() => { code.value = store.fobs.get(number()).text.trim(); }) }, say("use_shown")),
        h("button", { type: "button", class: "quiet", onclick: asked(async () => { await post("/panel/checks/forget", { fob: number() }); answers.replaceChildren(); }) }, say("start_over"))),
      answers);
  }
}
customElements.define("checks-view", ChecksView);

class ScenarioPlayer extends HTMLElement {
  #source = null;

  async connectedCallback() {
    this.append(h("h2", {}, say("scenarios")));
    const { features } = await get(`/panel/scenarios?language=${lang()}`);
    const list = choice(features.map((one) => [one.name, one.title]), "demo", { "aria-label": say("scenario") });
    this.play = h("button", { type: "submit", class: "primary" }, say("play"));
    this.steps = h("ol", { class: "steps", "aria-live": "polite" });
    this.said = h("p", { role: "status" });
    this.append(h("form", { class: "ask", onsubmit: asked(() => post("/panel/scenarios/play", { name: list.value, language: lang() })) }, list, this.play), this.said, this.steps);
    this.#source = follow("/panel/scenarios/events", (state) => this.#show(state));
  }

  disconnectedCallback() { this.#source?.close(); }

  #show(run) {
    this.play.disabled = run.playing;
    this.said.textContent = run.problem || (run.playing ? say("playing") : run.results.length ? say("ended", { n: run.results.length, what: [...new Set(run.results)].map((one) => say(one)).join(", ") }) : "");
    this.steps.replaceChildren(...run.lines.map((line) => (line.kind === "scenario"
      ? h("li", { class: "title" }, line.text)
      : h("li", { class: line.status }, h("span", { class: "unseen" }, `${say(line.status)}: `), line.text, line.seen || line.problem ? h("small", {}, line.problem || line.seen) : null))));
    this.steps.lastElementChild?.scrollIntoView({ block: "nearest" });
  }
}
customElements.define("scenario-player", ScenarioPlayer);

// Starts the panel: the session, the views by the address's fragment, language and theme.
import { means, post, store } from "./api.js";
import { asked, h } from "./dom.js";
import { keep, lang, remembered, say, setLang } from "./texts.js";
import "./timebar.js";
import "./rack.js";
import "./fob.js";
import "./checks.js";
import "./replay.js";
import "./tray.js";

const content = document.getElementById("content");
const bar = document.querySelector("time-bar");
const VIEWS = { rack: "#/", checks: "#/checks", tray: "#/tray", replay: "#/replay" };
let views = [];

// A one-time token comes in the fragment, which no request carries, and leaves the address at once.
async function openSession() {
  const given = /^#token=(.+)$/.exec(location.hash);
  if (given) {
    history.replaceState(null, "", "#/");
    await post("/session", { token: given[1] });
  }
  return means();
}

function route() {
  const [, name = "", argument] = location.hash.split("/");
  const first = views.includes("rack") ? "rack" : views[0];
  const view = name === "fob" ? "fob" : (views.includes(name) ? name : first);
  const tag = { rack: "rack-view", fob: "fob-view", checks: "checks-view", tray: "tray-view", replay: "replay-view" }[view];
  content.replaceChildren(h(tag, view === "fob" ? { fob: argument } : {}));
  document.querySelectorAll("nav a").forEach((link) => (link.dataset.view === view ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current")));
  document.title = `${view === "fob" ? `${say("fob")} ${argument}` : say(view)} – keyfob`;
  scrollTo(0, 0);
}

function frame() {
  document.documentElement.lang = lang();
  document.querySelector(".skip").textContent = say("skip");
  document.getElementById("views").setAttribute("aria-label", say("title"));
  document.getElementById("views").replaceChildren(...views.map((view) => h("a", { href: VIEWS[view], "data-view": view }, say(view))));
  const language = document.getElementById("language");
  language.textContent = say("other");
  language.lang = lang() === "ja" ? "en" : "ja";
  const dark = document.documentElement.dataset.theme === "dark";
  document.getElementById("theme").textContent = say(dark ? "theme_light" : "theme_dark");
  showLink();
  if (views.includes("rack")) bar.draw();
}

function showLink() {
  const link = document.getElementById("link");
  link.dataset.state = store.link;
  link.textContent = say(store.link);
}

function gate() {
  const token = h("input", { type: "password", autocomplete: "off", "aria-label": say("gate_token"), placeholder: say("gate_token") });
  const open = asked(async () => { await post("/session", { token: token.value }); location.reload(); });
  bar.hidden = true;
  content.replaceChildren(h("section", { class: "sheet gate" }, h("h1", {}, say("gate_title")), h("p", {}, say("gate_text")), h("form", { class: "ask", onsubmit: open }, token, h("button", { type: "submit", class: "primary" }, say("gate_open")))));
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  keep("theme", theme);
}

setTheme(remembered("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
document.getElementById("theme").addEventListener("click", () => { setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"); frame(); });
document.getElementById("language").addEventListener("click", () => { setLang(lang() === "ja" ? "en" : "ja"); frame(); route(); });
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); content.focus(); });
store.addEventListener("link", showLink);
store.addEventListener("closed", gate);

try {
  ({ views } = await openSession());
  frame();
  if (views.includes("rack")) {
    await store.start();
    bar.hidden = false;
    bar.draw();
    document.querySelector(".tools").prepend(h("button", { type: "button", class: "quiet hide-small", onclick: asked(async () => {
      const { token } = await post("/session/links");
      const address = `${location.origin}/panel/#token=${token}`;
      const box = h("div", { class: "notice" }, h("p", {}, say("link_made")), h("p", { class: "mono" }, address), h("button", { type: "button", onclick: () => box.remove() }, "OK"));
      document.getElementById("notices").append(box);
    }) }, say("new_link")));
  }
  addEventListener("hashchange", route);
  route();
} catch (error) {
  frame();
  if (error.status === 401) gate();
  else content.replaceChildren(h("p", { class: "empty" }, error.message));
}
document.documentElement.dataset.ready = "";

// Making elements: h("div", {class: "card", onclick: f}, "text", child); text is never markup.
const SVG = "http://www.w3.org/2000/svg";

function make(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value === "boolean") element[name] = value;
    else if (name === "value") element.value = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const h = (tag, attributes, ...children) => make(document.createElement(tag), attributes, children);
export const s = (tag, attributes, ...children) => make(document.createElementNS(SVG, tag), attributes, children);

export function choice(options, chosen, attributes = {}) {
  const list = h("select", attributes, options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
  return list;
}

export function notify(text) {
  const box = h("div", { class: "notice" }, text);
  document.getElementById("notices").append(box);
  setTimeout(() => box.remove(), 8000);
}

// Runs what a click asks for; a refusal becomes a notice.
export const asked = (act) => async (event) => {
  event?.preventDefault?.();
  try {
    await act(event);
  } catch (error) {
    notify(error.message);
  }
};

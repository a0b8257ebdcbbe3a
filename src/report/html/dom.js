// SPDX-License-Identifier: GPL-2.0
// Elements, and numbers as they are written here. Text only ever becomes text: nothing of the
// data is taken for markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === "") continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

const el = (name, attributes, ...children) => (
  fill(document.createElement(name), attributes, children));
const svg = (name, attributes, ...children) => (
  fill(document.createElementNS(SVG, name), attributes, children));

function announce(text) {
  document.getElementById("announce").textContent = text;
}

// Three significant digits and a unit: "1.23 ms".
function formatTime(ns) {
  if (ns === null || ns === undefined) return "";
  const size = Math.abs(ns);
  const [unit, scale] = size >= 1e9 ? ["s", 1e9] : size >= 1e6 ? ["ms", 1e6]
    : size >= 1e3 ? ["µs", 1e3] : ["ns", 1];
  const value = ns / scale;
  const digits = Math.abs(value) >= 100 || unit === "ns" ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits) + " " + unit;
}

// Milliseconds to the microsecond, as evidence has them.
const formatMs = (ns) => (ns < 0 ? "−" : "+") + (Math.abs(ns) / 1e6).toFixed(3);

// One event as a line of evidence, as the oracles write it (src/oracle/evidence.cpp).
const evidenceLine = (event) => {
  const ms = (event.t < 0 ? "" : "+") + (event.t / 1e6).toFixed(3);
  return `${ms.padStart(10)} ms  ${event.kind.padEnd(13)} ${event.detail}`.trimEnd();
};

const formatCount = (number) => number.toLocaleString("en-US");

function formatRate(perSecond) {
  if (perSecond === null || perSecond === undefined) return "";
  if (perSecond >= 1e6) return (perSecond / 1e6).toPrecision(3) + " M/s";
  if (perSecond >= 1e3) return (perSecond / 1e3).toPrecision(3) + " k/s";
  return perSecond.toPrecision(3) + " /s";
}

function formatSize(bytes) {
  for (const [unit, scale] of [["g", 2 ** 30], ["m", 2 ** 20], ["k", 2 ** 10]])
    if (bytes >= scale && bytes % scale === 0) return bytes / scale + unit;
  return String(bytes);
}

function formatSpan(seconds) {
  if (seconds < 60) return seconds.toFixed(1) + " s";
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes + " min " + Math.round(seconds % 60) + " s";
  return Math.floor(minutes / 60) + " h " + (minutes % 60) + " min";
}

const plural = (count, noun) => formatCount(count) + " " + noun + (count === 1 ? "" : "s");

// A section of the page with its entry in the navigation.
function addSection(id, title, ...children) {
  document.getElementById("sections").append(el("a", { href: "#" + id }, title));
  const section = el("section", { id, "aria-labelledby": id + "-title" },
    el("h2", { id: id + "-title" }, title), children);
  document.getElementById("main").append(section);
  return section;
}

const emulationNote = () => (!run.emulated ? null : el("p", { class: "warning" },
  "Timings under tcg are those of software emulation: they say which path is slower, not how slow it is."));

// Each kernel has a colour, a dash and a shape, so that no curve is told by its colour alone.
const DASHES = ["", "7 3", "2 3", "9 3 2 3", "12 4", "1 4", "5 2 1 2 1 2", "14 3 3 3"];
const kernelStyle = (name) => {
  const at = Math.max(0, run.kernels.findIndex((kernel) => kernel.name === name)) % DASHES.length;
  return { number: at, dash: DASHES[at] };
};

// A marker of a kernel's own shape around a point.
function marker(number, x, y, attributes) {
  const r = 3.6;
  const points = [
    null,
    [[-r, -r], [r, -r], [r, r], [-r, r]],
    [[0, -r - 1], [r + 1, r], [-r - 1, r]],
    [[0, -r - 1.4], [r + 1.4, 0], [0, r + 1.4], [-r - 1.4, 0]],
    [[0, r + 1], [r + 1, -r], [-r - 1, -r]],
  ][number % 5];
  if (!points) return svg("circle", { cx: x, cy: y, r, ...attributes });
  return svg("polygon", { points: points.map(([a, b]) => (x + a) + "," + (y + b)).join(" "), ...attributes });
}

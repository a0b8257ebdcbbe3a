// SPDX-License-Identifier: GPL-2.0
// Where it ran.

(() => {
  const rows = [
    ["release", (kernel) => kernel.release], ["version", (kernel) => kernel.version], ["from", (kernel) => kernel.origin],
    ["scheme", (kernel) => (kernel.schemeTitle ? `${kernel.scheme}: ${kernel.schemeTitle}` : kernel.scheme || "unknown")],
    ["live probe", (kernel) => kernel.probe],
    ["accelerator", (kernel) => (kernel.accelerator === "tcg" ? "tcg: timings under software emulation" : kernel.accelerator)],
    ["clock source", (kernel) => kernel.clocksource],
    ["observer", (kernel) => kernel.observer || (kernel.observerMissing.length ? "without " + kernel.observerMissing.join(", ") : "complete")],
    ["filesystems", (kernel) => Object.entries(kernel.filesystems).map(([name, text]) => el("div", {}, el("b", {}, name), " ", text))],
    ["a reference", (kernel) => kernel.pinCosts.map(([memory, ns, least, most]) => el("div", {}, `${memory}: ${formatTime(ns)} a page (${formatTime(least)} to ${formatTime(most)})`))],
  ].map(([name, get]) => [name, run.kernels.map(get)])
    .filter(([, values]) => values.some((value) => value && value.length !== 0));
  const phases = Object.entries(run.phases).sort((a, b) => b[1] - a[1]).map(([name, seconds]) => `${name} ${formatSpan(seconds)}`);
  addSection("environment", "Environment",
    el("div", { class: "scroll" }, el("table", { class: "figures environment" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "kernel"), run.kernels.map((kernel) => el("th", { scope: "col" }, kernel.name)))),
      el("tbody", {}, rows.map(([name, values]) => el("tr", {}, el("th", { scope: "row" }, name), values.map((value) => el("td", {}, value || ""))))))),
    phases.length ? el("p", { class: "note" }, `Time: ${run.seconds > 0 ? formatSpan(run.seconds) + " in all; " : ""}the machines spent: ${phases.join(", ")}.`) : null);
  trialView.fromHash();
})();

// SPDX-License-Identifier: GPL-2.0
// How long breaks and wakeups took in the trials: cumulative distributions and their percentiles.

(() => {
  const NAMES = {
    break: ["Break", "inside the breaker's system call, the time that the page was held included"],
    wake: ["Wake", "from the beginning of the release to the breaker's return"],
    "put-to-wake": ["Wake-up to running", "from wake_up_var() to the waiter's being scheduled in"],
  };
  const at = (samples, part) => samples[Math.min(samples.length - 1, Math.floor(part * samples.length))];
  const groups = Object.keys(NAMES).map((name) => [name, run.latencies.filter((one) => one.name === name)])
    .filter(([, all]) => all.length > 0);
  if (groups.length === 0) return;
  const figures = groups.map(([name, all]) => {
    const curves = all.map((one) => ({
      kernel: one.kernel, steps: true,
      points: one.samples.map((sample, i) => ({ x: Math.max(sample, 1), y: (i + 1) / one.samples.length })),
    }));
    const [title, meaning] = NAMES[name];
    return plot.draw(curves, {
      title: `${title}: ${meaning}`,
      description: all.map((one) => `${one.kernel} median ${formatTime(at(one.samples, 0.5))}`).join(", "),
      x: { label: "latency", log: true, format: (ns) => formatTime(ns).replace(/\.0+(?= )/, "") },
      y: { fixed: [0, 0.25, 0.5, 0.75, 1], format: (part) => part * 100 + " %" },
    });
  });
  const parts = [0, 0.5, 0.9, 0.99, 1];
  const rows = groups.flatMap(([name, all]) => all.map((one, i) => el("tr", {},
    i === 0 ? el("th", { scope: "rowgroup", rowspan: all.length }, NAMES[name][0]) : null,
    el("th", { scope: "row" }, one.kernel), el("td", { class: "number" }, formatCount(one.n)),
    parts.map((part) => el("td", { class: "number" }, formatTime(at(one.samples, part)))))));
  addSection("latency", "Latency", emulationNote(),
    el("p", { class: "note" }, "One sample for each trial that got so far; breaks that only a signal ended are left out. A curve further left is faster."),
    plot.legend(run.latencies), el("div", { class: "plots" }, figures),
    el("div", { class: "scroll" }, el("table", { class: "figures" }, el("caption", { class: "visually-hidden" }, "Percentiles of the latencies"),
      el("thead", {}, el("tr", {}, ["latency", "kernel"].map((text) => el("th", { scope: "col" }, text)),
        ["trials", "least", "median", "90 %", "99 %", "most"].map((text) => el("th", { scope: "col", class: "number" }, text)))),
      el("tbody", {}, rows))));
})();

// SPDX-License-Identifier: GPL-2.0
// Counts of pages: what a page's is in each of its states, and histograms over whole namespaces.

(() => {
  if (run.censuses.length === 0) return;
  const kernels = run.kernels.map((kernel) => kernel.name);
  for (const census of run.censuses) if (!kernels.includes(census.kernel)) kernels.push(census.kernel);

  const states = [...new Set(run.censuses.map((census) => census.state).filter(Boolean))];
  const schemeOf = (name) => (run.kernels.find((kernel) => kernel.name === name) || { scheme: "" }).scheme;
  const table = states.length === 0 ? null : el("div", { class: "scroll" }, el("table", { class: "figures" },
    el("caption", {}, "The reference count of a page in each of its states, measured"),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "state of the page"), kernels.map((name) => el("th", { scope: "col", class: "number" }, name, el("br"), el("span", { class: "faint" }, schemeOf(name)))))),
    el("tbody", {}, states.map((state) => el("tr", {}, el("th", { scope: "row" }, state), kernels.map((name) => {
      const counts = new Set(run.censuses.filter((census) => census.state === state && census.kernel === name)
        .flatMap((census) => census.histogram.filter(([, pages]) => pages > 0).map(([count]) => count)));
      return el("td", { class: "number" }, [...counts].join("/") || "–");
    }))))));

  // Bars on a logarithmic scale: one page astray among a hundred thousand must be seen.
  function histogram(census) {
    const most = Math.max(...census.histogram.map(([, pages]) => pages), 1);
    const length = (pages) => (pages <= 0 ? 0 : 4 + 96 * Math.log10(pages + 1) / Math.log10(most + 1));
    const wrong = (count) => census.idleExpected && census.astray > 0 && (census.idle >= 0 ? count !== census.idle : false);
    return el("figure", { class: "histogram" },
      el("figcaption", {}, el("b", {}, census.kernel), " ", census.subject || "census",
        census.idleExpected ? el("span", { class: census.astray > 0 ? "ink-new" : "ink-pass" }, census.astray > 0 ? `, ${plural(census.astray, "page")} not idle` : ", all idle") : null),
      el("table", {}, el("tbody", {}, census.histogram.map(([count, pages]) => el("tr", { class: wrong(count) ? "astray" : null },
        el("th", { scope: "row" }, "count " + count), el("td", { class: "track" }, el("div", { class: "fill", style: `width:${length(pages)}%` })),
        el("td", { class: "number" }, formatCount(pages)), el("td", {}, census.idle === count ? "idle" : wrong(count) ? "not idle" : ""))))));
  }
  const whole = run.censuses.filter((census) => !census.state);
  addSection("census", "Census", table,
    whole.length ? [el("p", { class: "note" }, "Pages by reference count; lengths are logarithmic."), el("div", { class: "plots" }, whole.map(histogram))] : null);
})();

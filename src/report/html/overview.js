// SPDX-License-Identifier: GPL-2.0
// What ran, and how it ended: one line for each kernel.

(() => {
  const countsOf = (trials) => {
    const counts = { pass: 0, new: 0, known: 0, doubt: 0, skip: 0 };
    for (const trial of trials) counts[markOf([trial]).state] += 1;
    return counts;
  };
  const bar = (counts) => {
    const all = Object.values(counts).reduce((sum, one) => sum + one, 0) || 1;
    return el("div", { class: "bar", "aria-hidden": "true" }, Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([state, count]) => el("span", { class: "part-" + state, style: "flex-grow:" + count / all })));
  };
  const number = (count, state) => el("td", { class: "number" + (count > 0 ? " ink-" + state : " none") }, formatCount(count));
  const rows = run.kernels.map((kernel, at) => {
    const trials = run.trials.filter((trial) => trial.kernelNumber === at);
    const counts = countsOf(trials);
    return el("tr", {},
      el("th", { scope: "row" }, kernel.name),
      el("td", {}, kernel.version.includes(" ") ? kernel.release : kernel.version || kernel.release),
      el("td", {}, kernel.scheme || "unknown"),
      el("td", {}, kernel.accelerator || "unknown", kernel.accelerator === "tcg" ? el("span", { class: "tag" }, "emulated") : null),
      el("td", { class: "wide" }, bar(counts)),
      number(counts.pass, "pass"), number(counts.new, "new"), number(counts.known, "known"),
      number(counts.doubt, "doubt"), number(counts.skip, "skip"),
      el("td", { class: "number" }, formatCount(trials.length)));
  });
  const covers = run.plan.covers.map((cover) => el("p", { class: "note" },
    `${cover.job}: pairwise, seed ${cover.seed}: ${formatCount(cover.cells)} cells cover ${formatCount(cover.pairs)} pairs.`));
  const shards = run.plan.shards.length < run.plan.of ? el("p", { class: "note" },
    `Only shard ${run.plan.shards.join(", ")} of ${run.plan.of} was run: the whole plan has ${formatCount(run.plan.cells)} cells.`) : null;
  const gaps = run.kernels.flatMap((kernel) => [
    kernel.observer ? `${kernel.name}: the observer does not run (${kernel.observer}); no trial of this kernel can pass.` : null,
    kernel.observerMissing.length ? `${kernel.name}: could not be probed: ${kernel.observerMissing.join(", ")}.` : null,
  ]).filter(Boolean).map((text) => el("p", { class: "warning" }, text));
  const begun = run.started ? "Begun " + run.started.replace("T", " ").replace("Z", " UTC") : "";
  const took = run.seconds > 0 ? (begun ? ", took " : "Took ") + formatSpan(run.seconds) : "";
  document.getElementById("main").append(el("section", { id: "overview", "aria-label": "Overview" },
    el("p", { class: "command" }, el("code", {}, run.command)),
    el("p", { class: "note" }, begun + took + (begun || took ? "." : "")),
    el("div", { class: "scroll" }, el("table", { class: "figures" },
      el("caption", { class: "visually-hidden" }, "How the trials of each kernel ended"),
      el("thead", {}, el("tr", {}, ["kernel", "version", "scheme", "runs on", ""].map((text) => el("th", { scope: "col" }, text)),
        ["passed", "new", "known", "inconclusive", "skipped", "trials"].map((text) => el("th", { scope: "col", class: "number" }, text)))),
      el("tbody", {}, rows))),
    covers, shards, gaps, emulationNote()));
})();

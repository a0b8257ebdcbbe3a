// SPDX-License-Identifier: GPL-2.0
// What was found, each defect once: how often, where, what is known of it, and how to see it again.

(() => {
  const programOf = (defect) => {
    const source = defect.program === undefined ? run.defects.list[defect.programOf] : defect;
    return Array.isArray(source.program) ? source.program.map((line) => run.defects.lines[line]).join("\n") + "\n" : source.program;
  };

  function program(defect) {
    const shared = defect.program === undefined;
    const source = shared ? run.defects.list[defect.programOf].program : defect.program;
    if (!Array.isArray(source)) return el("p", { class: "note" }, "No stand-alone program: " + source);
    const pre = el("pre", { class: "program", tabindex: 0 });
    const details = el("details", {}, el("summary", {}, `Stand-alone program in C, ${source.length} lines`), pre);
    // Filled when it is opened: there are many, and most stay closed.
    details.addEventListener("toggle", () => {
      if (details.open && pre.textContent === "") pre.textContent = programOf(defect);
    });
    return details;
  }

  function kernelRow([name, trials, ran, back, attempts, cell, patterns, more, common]) {
    const share = el("td", { class: "number" }, `${formatCount(trials)} of ${formatCount(ran)}`);
    if (trials === 0) return el("tr", { class: "none" }, el("th", { scope: "row" }, name), share, el("td", {}), el("td", {}));
    return el("tr", {}, el("th", { scope: "row" }, name), share,
      el("td", { class: "number" }, attempts ? `${formatCount(back)} of ${formatCount(attempts)}` : "not rerun"),
      el("td", {}, patterns.map((pattern) => el("code", { class: "pattern" }, pattern)),
        more > 0 ? el("span", { class: "faint" }, ` and ${plural(more, "more pattern")}`) : null,
        common.length ? el("div", { class: "faint" }, "in common: " + common.join("; ")) : null));
  }

  function defectPart(defect, at) {
    const trial = run.trials[defect.trial];
    const finding = trial.findings[defect.finding];
    const events = trial.events;
    const lines = finding.evidence.map((line) => (typeof line === "number" ? evidenceLine(events[line]) : line));
    const state = defect.known ? "known" : "new";
    const letters = run.kinds.filter((kind) => defect.kinds.includes(kind.name));
    return el("article", { class: "defect", id: "finding-" + at },
      el("h3", {}, letters.map((kind) => el("span", { class: "mark mark-" + state }, defect.known ? kind.letter.toLowerCase() : kind.letter)), " ", defect.title),
      el("p", {}, letters.map((kind, i) => [i > 0 ? " " : "", el("b", {}, kind.name), kind.meaning ? ": " + kind.meaning + "." : "."])),
      defect.known ? el("p", { class: "known-note" }, defect.known[1], defect.known[2] ? el("span", { class: "faint" }, " [" + defect.known[2] + "]") : null)
        : el("p", { class: "fresh" }, "New: nothing in known-findings explains it."),
      el("div", { class: "scroll" }, el("table", { class: "figures" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "kernel"), el("th", { scope: "col", class: "number" }, "trials"),
          el("th", { scope: "col", class: "number" }, "came back"), el("th", { scope: "col" }, "cells"))),
        el("tbody", {}, defect.kernels.map(kernelRow)))),
      el("p", {}, "For example on ", defect.kernel, ", ", el("button", { type: "button", class: "link", onclick: () => trialView.open([trial], "") }, defect.cell), ": ",
        finding.sentence, finding.sentence.endsWith(".") ? "" : "."),
      lines.length ? el("pre", {}, lines.join("\n")) : null,
      el("p", { class: "note again" }, "Again: ", el("code", {}, `daxbreak matrix --kernel ${defect.kernel} --cell ${defect.cell}`),
        " · stand-alone: ", el("code", {}, `daxbreak reproducer ${defect.cell} -o r.c`)),
      program(defect));
  }

  const incidents = run.incidents.map((incident) => el("article", { class: "defect" },
    el("h3", {}, `${incident.kernel || "lab"}: ${incident.what}${incident.madeGood ? ", nothing lost" : ""}`),
    el("p", {}, incident.sentence),
    incident.console.length ? el("details", {}, el("summary", {}, `The console's last ${plural(incident.console.length, "line")}`),
      el("pre", {}, incident.console.join("\n"))) : null));
  const measures = run.measureVerdicts.map((one) => el("article", { class: "defect" },
    el("h3", {}, `${one.kernel}: ${one.load} on ${one.place}, ${one.outcome}`),
    one.reason ? el("p", {}, one.reason) : null,
    el("p", { class: "note" }, Object.entries(one.point).map(([key, value]) => `${key}=${value}`).join(" "), ` repetition ${one.repetition}`),
    one.findings.map(([kind, sentence, evidence, known]) => [el("p", {}, el("b", {}, kind), ": ", sentence, known ? ` (known: ${known})` : ""),
      evidence.length ? el("pre", {}, evidence.join("\n")) : null])));

  const reasons = (outcome) => {
    const counts = new Map();
    for (const trial of run.trials)
      if (trial.outcome === outcome) {
        const why = trial.reason || "no reason was given";
        if (!counts.has(why)) counts.set(why, []);
        counts.get(why).push(trial);
      }
    return [...counts].sort((a, b) => b[1].length - a[1].length);
  };
  const why = ["inconclusive", "skip"].map((outcome) => {
    const all = reasons(outcome);
    if (all.length === 0) return null;
    const total = all.reduce((sum, [, trials]) => sum + trials.length, 0);
    return el("details", {}, el("summary", {}, outcome === "skip" ? `Why ${plural(total, "trial")} ${total === 1 ? "was" : "were"} skipped` : `Why ${plural(total, "trial")} proved nothing`),
      el("table", { class: "figures" }, el("tbody", {}, all.map(([text, trials]) => el("tr", {}, el("td", { class: "number" }, formatCount(trials.length)),
        el("td", {}, text), el("td", {}, el("button", { type: "button", class: "link", onclick: () => trialView.open(trials, text) }, "show")))))));
  });

  const none = run.defects.list.length + incidents.length + measures.length === 0;
  addSection("findings", "Findings",
    none ? el("p", {}, run.measuresPassed > 0 || run.trials.some((trial) => trial.outcome === "pass") ? "None: no invariant was seen broken." : "None, and nothing was proved either.") : null,
    run.defects.list.length ? el("p", { class: "note" }, "Cells are written filesystem/page+memory/pin@gate/breaker:range/disturber, without what is usual; * is every one that ran.") : null,
    run.defects.list.map(defectPart), measures,
    incidents.length ? [el("h3", {}, "Incidents"), incidents] : null, why);
})();

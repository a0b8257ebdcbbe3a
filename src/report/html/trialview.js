// SPDX-License-Identifier: GPL-2.0
// What opens from a square of the matrix: one trial, or the list of several.

const trialView = (() => {
  const dialog = document.getElementById("trial");
  let list = [];    // the trials that the square stands for
  let listTitle = "";

  const badge = (trial) => {
    const mark = markOf([trial]);
    return el("span", { class: "badge mark-" + mark.state }, trial.outcome === "fail" ? mark.label : trial.outcome);
  };
  const close = el("button", { type: "button", class: "plain close", "aria-label": "Close", onclick: () => dialog.close() }, "close ", el("kbd", {}, "Esc"));

  function header(title, ...more) {
    return el("header", {}, el("h2", { id: "trial-title", tabindex: -1 }, title), more, close);
  }

  function showDialog(...children) {
    dialog.replaceChildren(...children.filter(Boolean));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    dialog.querySelector("#trial-title").focus();
  }

  function showList() {
    const rows = list.map((trial) => el("tr", {},
      el("td", {}, el("button", { type: "button", class: "link", onclick: () => show(trial) }, trial.name)),
      el("td", {}, badge(trial)),
      el("td", {}, trial.findings.length ? trial.findings[0].sentence : trial.reason)));
    showDialog(header(plural(list.length, "trial")), el("p", { class: "note" }, listTitle),
      el("div", { class: "scroll" }, el("table", { class: "figures" }, el("tbody", {}, rows))));
    const first = dialog.querySelector("button.link");
    if (first) first.focus();
  }

  function neighbours(trial) {
    const among = list.length > 1 ? list : heatmap.visible().filter((other) => other.kernelNumber === trial.kernelNumber)
      .sort((a, b) => a.cellNumber - b.cellNumber);
    const at = among.indexOf(trial);
    return at < 0 ? [null, null] : [among[at - 1] || null, among[at + 1] || null];
  }

  function findingsOf(trial, events) {
    return trial.findings.map((finding) => {
      const lines = finding.evidence.map((line) => (typeof line === "number" ? evidenceLine(events[line]) : line));
      return el("div", { class: "finding" },
        el("h3", {}, el("span", { class: "mark mark-" + (finding.known ? "known" : "new") }, finding.known ? finding.kind.letter.toLowerCase() : finding.kind.letter), " ",
          finding.kind.name, el("span", { class: "invariant" }, finding.kind.invariant ? " breaks " + finding.kind.invariant : "")),
        el("p", {}, finding.sentence, finding.sentence.endsWith(".") ? "" : "."),
        finding.known ? el("p", { class: "note" }, "Known: ", el("b", {}, finding.known.id), ". ", finding.known.note)
          : el("p", { class: "note" }, "New: nothing in known-findings explains it."),
        lines.length ? el("details", {}, el("summary", {}, "Evidence as text"), el("pre", {}, lines.join("\n"))) : null);
    });
  }

  function eventList(trial, events, onPick) {
    const proof = new Set(trial.findings.flatMap((finding) => finding.evidence.filter((line) => typeof line === "number")));
    const pages = new Set(events.map((event) => event.page).filter(Boolean));
    const rows = events.map((event, place) => {
      const row = el("tr", {
        tabindex: place === 0 ? 0 : -1, class: (timeline.sideOf(event.kind) === "kernel" ? "kernel-side" : "user-side") + (proof.has(place) ? " proof" : ""),
      }, el("td", { class: "number" }, formatMs(event.t)),
      el("td", { class: "number faint" }, place > 0 ? formatMs(event.t - events[place - 1].t) : ""),
      el("td", {}, timeline.sideOf(event.kind)),
      el("td", { class: "kind" }, event.omitted ? "…" : event.kind),
      el("td", {}, event.detail, pages.size > 1 && event.page ? el("span", { class: "faint" }, " page " + String.fromCharCode(64 + Math.min(event.page, 26))) : null),
      el("td", { class: "number faint" }, event.task || ""),
      el("td", {}, proof.has(place) ? "◆" : ""));
      row.place = place;
      return row;
    });
    const pick = (place, focus) => {
      for (const row of rows) {
        row.classList.toggle("picked", row.place === place);
        row.tabIndex = row.place === place ? 0 : -1;
      }
      if (focus) rows[place].focus({ preventScroll: true });
      if (rows[place]) rows[place].scrollIntoView({ block: "nearest" });
      onPick(place);
    };
    const body = el("tbody", {}, rows);
    const keys = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
    body.addEventListener("keydown", (event) => {
      const row = event.target.closest("tr");
      if (!row || !(event.key in keys)) return;
      event.preventDefault();
      pick(Math.min(Math.max(row.place + keys[event.key], 0), rows.length - 1), true);
    });
    body.addEventListener("click", (event) => pick(event.target.closest("tr").place, true));
    const table = el("table", { class: "events" },
      el("caption", {}, plural(events.length, "event"), ", milliseconds from the breaker's begin", proof.size ? "; ◆ proves a finding" : "", ". Up and down go through them."),
      el("thead", {}, el("tr", {}, ["t / ms", "since the last", "side", "event", "", "task", ""].map((text, i) => el("th", { scope: "col", class: i < 2 || i === 5 ? "number" : null }, text)))),
      body);
    return { element: el("div", { class: "scroll event-list" }, table), pick };
  }

  function figuresOf(trial) {
    const [taken, blocked, wake, putToWake, scans] = trial.measures;
    const figures = [
      ["in the call", formatTime(taken)], ["asleep until the release", formatTime(blocked)],
      ["release to return", formatTime(wake)], ["wake-up to running", formatTime(putToWake)],
      ["scans", scans === null || scans === undefined ? "" : formatCount(scans)],
      ["attempts", trial.attempts > 1 ? `came back in ${trial.cameBack} of ${trial.attempts}` : ""],
    ].filter(([, value]) => value !== "");
    return figures.length === 0 ? null : el("dl", { class: "figures-line" },
      figures.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  }

  function show(trial) {
    const events = trial.events;
    const [before, after] = neighbours(trial);
    const step = (to, key, text, label) => el("button", { type: "button", class: "plain", disabled: !to, "aria-label": label, "data-step": key, onclick: () => show(to) }, text, " ", el("kbd", {}, key));
    const kernel = trial.kernel;
    const parts = [header(trial.cell.id, badge(trial),
      list.length > 1 ? el("button", { type: "button", class: "plain", onclick: showList }, "all " + list.length) : null,
      step(before, "[", "previous", "Previous trial"), step(after, "]", "next", "Next trial"))];
    parts.push(el("p", { class: "note" }, "on ", kernel.title, kernel.accelerator === "tcg" ? " · timings under software emulation" : "",
      trial.notes ? " · " + trial.notes : ""));
    if (trial.reason) parts.push(el("p", { class: "reason" }, trial.outcome, ": ", trial.reason));
    parts.push(...findingsOf(trial, events), figuresOf(trial));
    let picture = null;
    if (events.length > 0) {
      const texts = eventList(trial, events, (place) => picture.highlight(place));
      picture = timeline.make(events, (place) => texts.pick(place, false));
      parts.push(picture.element, texts.element);
    } else if (trial.outcome !== "skip") {
      parts.push(el("p", { class: "note" }, "No event was recorded."));
    }
    parts.push(el("p", { class: "note again" }, "Again: ", el("code", {}, `daxbreak matrix --kernel ${kernel.name} --cell ${trial.cell.id}`),
      " · stand-alone program: ", el("code", {}, `daxbreak reproducer ${trial.cell.id}`)));
    showDialog(...parts);
    if (picture) picture.draw();
    replaceHash("#trial=" + encodeURIComponent(trial.name));
  }

  function replaceHash(hash) {
    try {
      history.replaceState(null, "", hash);
    } catch (refused) { /* some browsers refuse that to files */ }
  }

  dialog.addEventListener("close", () => replaceHash("#matrix"));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    const button = dialog.querySelector(`[data-step="${CSS.escape(event.key)}"]`);
    if (button && !button.disabled) button.click();
  });

  function fromHash() {
    const found = /^#trial=(.*)$/.exec(location.hash);
    if (!found) return;
    const name = decodeURIComponent(found[1]);
    const trial = run.trials.find((one) => one.name === name);
    if (trial) open([trial], "");
  }

  function open(trials, title) {
    list = trials;
    listTitle = title || "";
    if (trials.length === 1) show(trials[0]);
    else showList();
  }
  window.addEventListener("hashchange", fromHash);
  return { open, fromHash };
})();

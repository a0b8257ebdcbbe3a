// SPDX-License-Identifier: GPL-2.0
// The run's data (src/report/html_data.h says what is where), with names for its numbers.
"use strict";

const OUTCOMES = ["pass", "fail", "skip", "inconclusive"];

class Trial {
  constructor(run, place, row) {
    this.run = run;
    this.place = place;
    [this.kernelNumber, this.cellNumber, this.outcomeNumber, this.reasonNumber, this.seconds,
      this.attempts, this.cameBack, this.rawFindings, this.measures, this.raw,
      this.notesNumber] = row;
  }

  get kernel() { return this.run.kernels[this.kernelNumber]; }
  get cell() { return this.run.cells[this.cellNumber]; }
  get outcome() { return OUTCOMES[this.outcomeNumber]; }
  get reason() { return this.run.strings[this.reasonNumber]; }
  get notes() { return this.run.strings[this.notesNumber]; }
  get name() { return this.kernel.name + " " + this.cell.id; }

  // [{kind, letter, sentence, known, evidence}]; evidence holds texts and numbers of events.
  get findings() {
    return this.rawFindings.map(([kind, sentence, known, evidence]) => ({
      kind: this.run.kinds[kind], rank: kind, sentence: this.run.strings[sentence],
      known: known < 0 ? null : this.run.known[known], evidence,
    }));
  }

  // Every finding has a note already.
  get isKnown() {
    return this.outcome === "fail" && this.rawFindings.length > 0 &&
      this.rawFindings.every((finding) => finding[2] >= 0);
  }

  // [{t, kind, detail, task, page, omitted}], t in nanoseconds from the breaker's begin.
  get events() {
    if (!this.raw) return [];
    const events = [];
    let t = 0;
    for (let i = 0; i < this.raw.e.length; i += 2) {
      t += this.raw.e[i];
      const [kind, detail = 0, task = 0, page = 0] = this.run.shapes[this.raw.e[i + 1]];
      events.push({
        t, kind: kind < 0 ? "omitted" : this.run.events[kind], detail: this.run.strings[detail],
        task: task > 0 ? this.raw.t[task - 1] : 0, page, omitted: kind < 0,
      });
    }
    return events;
  }
}

const run = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  if (data.version !== 1) throw new Error("the page's script and its data do not belong together");
  const cells = data.cells.map(([id, filesystem, page, held, breaker, disturber, memory]) => ({
    id, page, filesystem: data.strings[filesystem], held: data.strings[held],
    breaker: data.strings[breaker], disturber: data.strings[disturber],
    memory: data.strings[memory],
  }));
  const result = {
    ...data, cells,
    kinds: data.kinds.map(([name, letter, invariant, meaning]) => (
      { name, letter, invariant, meaning })),
    known: data.known.map(([id, note, reference]) => ({ id, note, reference })),
  };
  result.trials = data.trials.map((row, place) => new Trial(result, place, row));
  result.emulated = data.kernels.some((kernel) => kernel.accelerator === "tcg");
  return result;
})();

// What became of some trials together: the worst finding, else doubt, else pass, else skip (as
// report/marks.h has it). {state, text, label, rank}; states: new, known, doubt, pass, skip.
function markOf(trials) {
  let worst = Infinity;
  let fresh = false;
  let failed = 0;
  const seen = new Set();
  for (const trial of trials) {
    seen.add(trial.outcome);
    if (trial.outcome !== "fail") continue;
    failed += 1;
    if (!trial.isKnown) fresh = true;
    for (const finding of trial.rawFindings) worst = Math.min(worst, finding[0]);
  }
  if (failed > 0) {
    const kind = run.kinds[worst] || { letter: "F", name: "failed" };
    return {
      state: fresh ? "new" : "known", text: fresh ? kind.letter : kind.letter.toLowerCase(),
      label: kind.name + (fresh ? ", new" : ", known"),
    };
  }
  if (seen.has("inconclusive")) return { state: "doubt", text: "?", label: "inconclusive" };
  if (seen.has("pass")) return { state: "pass", text: "✓", label: "pass" };
  return { state: "skip", text: "–", label: "skipped" };
}

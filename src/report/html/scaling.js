// SPDX-License-Identifier: GPL-2.0
// What storms and loads measured: curves over what was swept, and the figures as a table.

(() => {
  const POINT = { x: 0, name: 1, p50: 2, least: 3, most: 4, rate: 5, repetitions: 6 };
  const isSize = (points) => points.some((point) => /[kmgt]i?b?$/i.test(point[POINT.name]));

  function figureOf(sweep, metric) {
    const all = sweep.curves.flatMap((curve) => curve.points);
    const names = [...new Set(all.map((point) => point[POINT.name]))];
    const numeric = all.every((point) => point[POINT.x] !== null);
    const xOf = (point) => (numeric ? point[POINT.x] : names.indexOf(point[POINT.name]));
    const sizes = isSize(all);
    const rate = metric === "rate";
    const curves = sweep.curves.map((curve) => ({
      kernel: curve.kernel, label: curve.label,
      points: curve.points.filter((point) => !rate || point[POINT.rate] !== null).map((point) => ({
        x: xOf(point), y: rate ? point[POINT.rate] : point[POINT.p50],
        low: rate ? undefined : point[POINT.least], high: rate ? undefined : point[POINT.most],
        text: `${curve.kernel}${curve.label ? " " + curve.label : ""}, ${sweep.key} ${point[POINT.name]}: median ${formatTime(point[POINT.p50])}` +
          (point[POINT.repetitions] > 1 ? ` (${formatTime(point[POINT.least])} to ${formatTime(point[POINT.most])} in ${point[POINT.repetitions]} repetitions)` : "") +
          (point[POINT.rate] === null ? "" : `, ${formatRate(point[POINT.rate])}`),
      })),
    })).filter((curve) => curve.points.length > 0);
    if (curves.length === 0) return null;
    const xs = curves.flatMap((curve) => curve.points.map((point) => point.x));
    const ys = curves.flatMap((curve) => curve.points.map((point) => point.y)).filter((y) => y > 0);
    const wide = (values) => Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) >= 8;
    return plot.draw(curves, {
      title: `${sweep.series}: ${sweep.load} on ${sweep.place}`,
      description: curves.map((curve) => `${curve.kernel} ${curve.label}: ` + curve.points.map((point) => point.text).join("; ")).join(". "),
      x: {
        label: sweep.key, log: numeric && wide(xs), ticks: [...new Set(xs)].sort((a, b) => a - b),
        format: (x) => (!numeric ? names[x] : sizes ? formatSize(x) : formatCount(x)),
      },
      y: { log: ys.length > 0 && wide(ys), format: rate ? formatRate : (ns) => formatTime(ns).replace(/\.0+(?= )/, "") },
    });
  }

  function costTable() {
    const { kernels, rows, cells, numbers } = run.costs;
    const byRow = new Map();
    for (const [row, kernel, ...figures] of cells) byRow.set(row + "/" + kernel, figures);
    // Who ran it is only said where that was not always daxbreak.
    const lead = (row) => row.filter((_, i) => i !== 2 || rows.some((one) => one[2] !== ""));
    const line = (row, at) => el("tr", {}, lead(row).map((text) => el("td", {}, text)), kernels.map((_, kernel) => {
      const figures = byRow.get(at + "/" + kernel);
      if (!figures) return [el("td", { class: "number none" }, ""), el("td", {}), el("td", {})];
      const [p50, least, most, p99, rate, repetitions] = figures;
      const spread = repetitions > 1 ? `${formatTime(least)} to ${formatTime(most)} in ${repetitions} repetitions` : "one repetition";
      return [el("td", { class: "number", title: spread }, formatTime(p50),
        repetitions > 1 && p50 > 0 ? el("span", { class: "faint" }, " ±" + Math.round((most - least) / 2 / p50 * 100) + " %") : null),
      el("td", { class: "number faint" }, formatTime(p99)), el("td", { class: "number" }, formatRate(rate))];
    }));
    const figures = rows.map((row, at) => (row[4] === "" ? null : line(row, at))).filter(Boolean);
    const others = new Map();
    for (const [row, kernel, name, median, least, most] of numbers) {
      const key = row + "/" + name;
      if (!others.has(key)) others.set(key, { row: rows[row], name, values: [] });
      others.get(key).values[kernel] = [median, least, most];
    }
    const short = (value) => (Number.isInteger(value) ? formatCount(value) : value.toPrecision(3));
    const counted = [...others.values()].map(({ row, name, values }) => el("tr", {}, lead(row.slice(0, 4)).map((text) => el("td", {}, text)), el("td", {}, name),
      kernels.map((_, kernel) => el("td", { class: "number", title: values[kernel] ? `${short(values[kernel][1])} to ${short(values[kernel][2])}` : null }, values[kernel] ? short(values[kernel][0]) : ""))));
    const heads = lead(["load", "on", "engine", "at", "series"]).map((text) => el("th", { scope: "col", rowspan: 2 }, text));
    return [
      el("h3", {}, "Cost of each operation"),
      el("p", { class: "note" }, "Median of the repetitions' medians with half their spread, 99th percentile, operations a second."),
      el("div", { class: "scroll tall" }, el("table", { class: "figures" },
        el("thead", {}, el("tr", {}, heads, kernels.map((kernel) => el("th", { scope: "colgroup", colspan: 3 }, kernel))),
          el("tr", {}, kernels.map(() => ["median", "p99", "rate"].map((text) => el("th", { scope: "col", class: "number" }, text))))),
        el("tbody", {}, figures))),
      counted.length === 0 ? null : [el("h3", {}, "Counted beside them"), el("div", { class: "scroll tall" }, el("table", { class: "figures" },
        el("thead", {}, el("tr", {}, lead(["load", "on", "engine", "at", "what"]).map((text) => el("th", { scope: "col" }, text)), kernels.map((kernel) => el("th", { scope: "col", class: "number" }, kernel)))),
        el("tbody", {}, counted)))],
    ];
  }

  if (run.costs.rows.length === 0) return;
  const figures = el("div", { class: "plots" });
  const draw = (metric) => figures.replaceChildren(...run.sweeps.map((sweep) => figureOf(sweep, metric)).filter(Boolean));
  const select = el("select", { id: "metric" }, el("option", { value: "latency" }, "median latency"), el("option", { value: "rate" }, "operations a second"));
  select.addEventListener("change", () => draw(select.value));
  draw("latency");
  addSection("scaling", "Scaling and cost", emulationNote(),
    run.sweeps.length === 0 ? null : [
      el("p", { class: "note" }, "Points are medians over the repetitions, bars reach from the least to the most of them."),
      el("div", { class: "controls" }, el("label", { class: "what", for: "metric" }, "plot"), select),
      plot.legend(run.sweeps.flatMap((sweep) => sweep.curves)), figures],
    costTable());
})();

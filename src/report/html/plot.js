// SPDX-License-Identifier: GPL-2.0
// Curves in a pair of axes.

const plot = (() => {
  const WIDTH = 460;
  const HEIGHT = 270;
  const BOX = { left: 58, right: 12, top: 10, bottom: 40 };

  // {place(value) in 0..1, ticks: [value]}
  function scaleOf(values, logarithmic, fromZero, margin) {
    let least = Math.min(...values);
    let most = Math.max(...values);
    if (logarithmic) {
      least = Math.log10(Math.max(least, 1e-9));
      most = Math.log10(Math.max(most, 1e-9));
      if (most - least < 0.3) [least, most] = [least - 0.15, most + 0.15];
      const edge = (most - least) * margin;
      [least, most] = [least - edge, most + edge];
      const ticks = [];
      const steps = most - least > 4.5 ? [1] : most - least > 1.8 ? [1, 3] : [1, 2, 5];
      for (let power = Math.floor(least); power <= Math.ceil(most); power += 1)
        for (const step of steps) {
          const tick = Math.log10(step) + power;
          if (tick >= least - 1e-9 && tick <= most + 1e-9) ticks.push(step * 10 ** power);
        }
      return { place: (value) => (Math.log10(Math.max(value, 1e-9)) - least) / (most - least), ticks };
    }
    if (fromZero) least = Math.min(0, least);
    if (most === least) most = least + 1;
    if (fromZero) most += (most - least) * margin;
    const raw = (most - least) / 4;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw);
    const ticks = [];
    for (let tick = Math.ceil(least / step) * step; tick <= most + step * 1e-6; tick += step) ticks.push(tick);
    return { place: (value) => (value - least) / (most - least), ticks };
  }

  // curves: [{kernel, label, points: [{x, y, low, high, text}], steps}]
  // options: {title, x: {label, log, format, ticks}, y: {label, log, format, ticks}}
  function draw(curves, options) {
    const points = curves.flatMap((curve) => curve.points);
    const xs = scaleOf(points.map((point) => point.x), options.x.log, false, 0);
    const ys = options.y.fixed ? { place: (value) => value, ticks: options.y.fixed }
      : scaleOf(points.flatMap((point) => [point.y, point.low ?? point.y, point.high ?? point.y]), options.y.log, true, 0.05);
    const xOf = (value) => BOX.left + xs.place(value) * (WIDTH - BOX.left - BOX.right);
    const yOf = (value) => HEIGHT - BOX.bottom - ys.place(value) * (HEIGHT - BOX.top - BOX.bottom);
    const parts = [];
    for (const tick of ys.ticks) {
      parts.push(svg("line", { class: "rule", x1: BOX.left, x2: WIDTH - BOX.right, y1: yOf(tick), y2: yOf(tick) }));
      parts.push(svg("text", { class: "axis end", x: BOX.left - 6, y: yOf(tick) + 4 }, options.y.format(tick)));
    }
    let free = -Infinity;
    for (const tick of options.x.ticks || xs.ticks) {
      const x = xOf(tick);
      parts.push(svg("line", { class: "rule", x1: x, x2: x, y1: BOX.top, y2: HEIGHT - BOX.bottom }));
      const text = options.x.format(tick);
      const half = text.length * 3.2 + 4;
      if (x - half < free || x + half > WIDTH + 12) continue;
      parts.push(svg("text", { class: "axis", x, y: HEIGHT - BOX.bottom + 15 }, text));
      free = x + half;
    }
    parts.push(svg("text", { class: "axis-label", x: (BOX.left + WIDTH - BOX.right) / 2, y: HEIGHT - 5 }, options.x.label));
    for (const curve of curves) {
      const style = kernelStyle(curve.kernel);
      const path = curve.points.map((point, i) => {
        const [x, y] = [xOf(point.x).toFixed(1), yOf(point.y).toFixed(1)];
        return i === 0 ? `M${x},${y}` : curve.steps ? `H${x}V${y}` : `L${x},${y}`;
      }).join("");
      const group = svg("g", { class: "curve kernel-" + style.number });
      group.append(svg("path", { d: path, "stroke-dasharray": style.dash }));
      for (const point of curve.points) {
        if (point.low !== undefined && point.high > point.low)
          group.append(svg("line", { class: "spread", x1: xOf(point.x), x2: xOf(point.x), y1: yOf(point.low), y2: yOf(point.high) }));
        if (!curve.steps) group.append(marker(style.number, xOf(point.x), yOf(point.y), { class: "point" }));
        if (point.text) group.lastChild.append(svg("title", {}, point.text));
      }
      if (curve.steps) {
        // A curve without points is told by the shape at its middle.
        const middle = curve.points[Math.floor(curve.points.length / 2)];
        group.append(marker(style.number, xOf(middle.x), yOf(middle.y), { class: "point" }));
      }
      parts.push(group);
    }
    return el("figure", { class: "plot" },
      el("figcaption", {}, options.title),
      svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": options.title + ": " + options.description }, parts));
  }

  // What the curves are, once for all plots of a section.
  function legend(curves) {
    const seen = new Map();
    for (const curve of curves) seen.set(curve.kernel, kernelStyle(curve.kernel));
    return el("ul", { class: "curves" }, [...seen].map(([name, style]) => {
      const kernel = run.kernels.find((one) => one.name === name);
      return el("li", {}, svg("svg", { class: "sample curve kernel-" + style.number, width: 34, height: 12, "aria-hidden": "true" },
        svg("path", { d: "M0,6H34", "stroke-dasharray": style.dash }), marker(style.number, 17, 6, { class: "point" })),
      " ", name, kernel && kernel.scheme ? el("span", { class: "faint" }, " " + kernel.scheme) : null);
    }));
  }
  return { draw, legend };
})();

// SPDX-License-Identifier: GPL-2.0
// One trial's events, drawn to scale: time goes right, linearly, at every zoom.

const timeline = (() => {
  // Which lane an event stands in, and how it is drawn there. Bars are made of two events.
  const LANES = [
    { id: "pin", side: "user", title: "pin", kinds: ["pin_begin", "pin_held", "pin_refused", "loosened", "release_begin", "release_end"] },
    { id: "breaker", side: "user", title: "breaker's call", kinds: ["break_begin", "break_end", "break_died", "poke", "kill", "gave_up"] },
    { id: "disturber", side: "user", title: "disturber", kinds: ["disturb_begin", "disturb_end", "bystander_begin", "bystander_end"] },
    { id: "checks", side: "user", title: "checks", kinds: ["counts", "dirtied", "flushed", "taken", "reused", "content", "noted", "cpu"] },
    { id: "task", side: "kernel", title: "breaker's task", kinds: ["scan", "wait", "sleep", "run"] },
    { id: "page", side: "kernel", title: "the page", kinds: ["put", "wake", "omitted"] },
    { id: "rest", side: "kernel", title: "other", kinds: ["writeback", "kernel_log"] },
  ];
  const laneOf = new Map(LANES.flatMap((lane) => lane.kinds.map((kind) => [kind, lane])));
  const sideOf = (kind) => (laneOf.get(kind) || { side: "user" }).side;
  const BARS = [
    ["pin", "pin_begin", ["pin_held", "pin_refused"], "taking"],
    ["pin", "pin_held", ["release_begin"], "held"],
    ["pin", "release_begin", ["release_end"], "letting"],
    ["breaker", "break_begin", ["break_end", "break_died"], "call"],
    ["disturber", "disturb_begin", ["disturb_end"], "disturb"],
    ["disturber", "bystander_begin", ["bystander_end"], "bystander"],
    ["task", "sleep", ["run"], "sleep"],
  ];
  const BAR_NAMES = { taking: "pinning", held: "held", letting: "release", call: "in the system call", disturb: "disturber", bystander: "bystander", sleep: "sleeps" };
  const SHORT = { break_begin: "begin", break_end: "return", break_died: "died", pin_begin: "pin", pin_held: "held", release_begin: "release", release_end: "released", disturb_begin: "begin", disturb_end: "end", bystander_begin: "bystander", bystander_end: "ended", omitted: "…", kernel_log: "log" };
  const LEFT = 112;
  const RIGHT = 14;
  const LANE = 46;
  const TOP = 8;

  function barsOf(events) {
    const bars = [];
    const last = events.length ? events[events.length - 1].t : 0;
    for (const [lane, from, to, style] of BARS) {
      let open = null;
      for (const event of events) {
        if (event.kind === from && open === null) open = event;
        else if (to.includes(event.kind) && open !== null) {
          bars.push({ lane, style, from: open.t, to: event.t });
          open = null;
        }
      }
      if (open !== null) bars.push({ lane, style, from: open.t, to: last, unfinished: true });
    }
    return bars;
  }

  const niceStep = (span, most) => {
    const raw = span / most;
    const power = 10 ** Math.floor(Math.log10(raw));
    return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw);
  };

  // The stretches that a reader wants: {name: [from, to]}.
  function viewsOf(events) {
    const first = (kind) => events.find((event) => event.kind === kind);
    const last = (kind) => [...events].reverse().find((event) => event.kind === kind);
    const end = last("break_end") || last("break_died");
    const begin = first("pin_begin") || first("break_begin");
    const padded = (from, to) => {
      const edge = Math.max((to - from) * 0.04, 1000);
      return [from - edge, to + edge];
    };
    const views = {};
    if (begin && end) {
      const out = last("release_end");
      views["pin to return"] = padded(begin.t, Math.max(end.t, out ? out.t : end.t));
    }
    const breakBegin = first("break_begin");
    if (breakBegin && end) views["the call"] = padded(breakBegin.t, end.t);
    const release = last("release_begin");
    if (release && end && end.t > release.t) views["release to return"] = padded(release.t, end.t);
    if (events.length > 0) views["everything"] = padded(events[0].t, events[events.length - 1].t + 1);
    return views;
  }

  // The picture and its controls; highlight(number) marks an event, onPick(number) is told of one.
  function make(events, onPick) {
    const lanes = LANES.filter((lane) => events.some((event) => laneOf.get(event.kind) === lane));
    const bars = barsOf(events);
    const views = viewsOf(events);
    let view = Object.values(views)[0] || [0, 1];
    const height = TOP + lanes.length * LANE + 30;
    const picture = svg("svg", {
      class: "timeline", tabindex: 0, role: "img", height,
      "aria-label": "Timeline, drawn to scale; the events beside it are the same as text. Plus and minus zoom, left and right move, 0 shows everything.",
    });
    const box = el("div", { class: "timeline-box" }, picture);
    let marked = -1;
    let width = 900;

    const xOf = (t) => LEFT + (t - view[0]) / (view[1] - view[0]) * (width - LEFT - RIGHT);
    const tOf = (x) => view[0] + (x - LEFT) / (width - LEFT - RIGHT) * (view[1] - view[0]);

    function drawLane(lane, number, parts) {
      const y = TOP + number * LANE;
      const base = y + 34;
      const previous = lanes[number - 1];
      if (previous && previous.side !== lane.side)
        parts.push(svg("line", { class: "divide", x1: 0, x2: width, y1: y + 3, y2: y + 3 }));
      if (!previous || previous.side !== lane.side)
        parts.push(svg("text", { class: "side", x: 0, y: y + 15 }, lane.side === "user" ? "USER SPACE" : "KERNEL"));
      parts.push(svg("text", { class: "lane", x: 0, y: base - 3 }, lane.title));
      parts.push(svg("line", { class: "base", x1: LEFT, x2: width - RIGHT, y1: base, y2: base }));
      for (const bar of bars) {
        if (bar.lane !== lane.id) continue;
        const from = Math.max(xOf(bar.from), LEFT);
        const to = Math.min(xOf(bar.to), width - RIGHT);
        if (to < LEFT || from > width - RIGHT) continue;
        const wide = Math.max(to - from, 1);
        parts.push(svg("rect", { class: "span span-" + bar.style + (bar.unfinished ? " unfinished" : ""), x: from, y: base - 15, width: wide, height: 14 },
          svg("title", {}, `${BAR_NAMES[bar.style]}: ${formatTime(bar.to - bar.from)}${bar.unfinished ? ", no end seen" : ""}`)));
        const text = `${BAR_NAMES[bar.style]} ${formatTime(bar.to - bar.from)}`;
        if (wide > text.length * 6.2 + 10)
          parts.push(svg("text", { class: "span-text span-text-" + bar.style, x: (from + to) / 2, y: base - 4 }, text));
      }
      let free = [LEFT - 40, LEFT - 40];
      events.forEach((event, place) => {
        if (laneOf.get(event.kind) !== lane) return;
        const x = xOf(event.t);
        if (x < LEFT - 1 || x > width - RIGHT + 1) return;
        const busy = event.kind === "scan" && event.page > 0;
        const mark = svg("g", { class: `event event-${event.kind}${busy ? " busy" : ""}${place === marked ? " marked" : ""}`, "data-place": place },
          svg("line", { class: "tick", x1: x, x2: x, y1: base - 16, y2: base + 2 }),
          shape(event, x, base),
          svg("rect", { class: "hit", x: x - 4, y: base - 18, width: 8, height: 22 }),
          svg("title", {}, `${formatMs(event.t)} ms  ${event.kind}  ${event.detail}`));
        parts.push(mark);
        const label = event.kind === "counts" ? event.detail.split(":")[0] : SHORT[event.kind] || event.kind.replace("_", " ");
        const half = label.length * 3 + 3;
        const row = free[0] <= x - half ? 0 : -1;
        if (row === 0 || place === marked) {
          parts.push(svg("text", { class: "event-text" + (place === marked ? " marked" : ""), x, y: base - 19 }, label));
          free[0] = Math.max(free[0], x + half);
        }
      });
    }

    function shape(event, x, base) {
      if (event.kind === "scan") return svg("circle", { class: "dot", cx: x, cy: base - 8, r: 4 });
      if (event.kind === "wake") return svg("polygon", { class: "dot", points: `${x - 4.5},${base - 3} ${x + 4.5},${base - 3} ${x},${base - 12}` });
      if (event.kind === "put") return svg("polygon", { class: "dot", points: `${x - 4},${base - 12} ${x + 4},${base - 12} ${x},${base - 4}` });
      if (event.kind === "poke" || event.kind === "kill") return svg("polygon", { class: "dot", points: `${x},${base - 14} ${x + 5},${base - 8} ${x},${base - 2} ${x - 5},${base - 8}` });
      if (event.kind === "omitted") return svg("rect", { class: "dot", x: x - 3, y: base - 10, width: 6, height: 4 });
      return svg("circle", { class: "point", cx: x, cy: base, r: 2 });
    }

    function drawAxis(parts) {
      const y = TOP + lanes.length * LANE + 8;
      const span = view[1] - view[0];
      const step = niceStep(span, Math.max(3, (width - LEFT) / 110));
      const unit = step >= 1e6 ? ["ms", 1e6] : step >= 1e3 ? ["µs", 1e3] : ["ns", 1];
      for (let t = Math.ceil(view[0] / step) * step; t <= view[1]; t += step) {
        const x = xOf(t);
        parts.push(svg("line", { class: Math.abs(t) < step / 2 ? "zero" : "rule", x1: x, x2: x, y1: TOP + 14, y2: y }));
        const value = Math.round(t / unit[1] * 1000) / 1000;
        parts.push(svg("text", { class: "axis", x, y: y + 13 }, `${value === 0 ? "0" : formatCount(value)} ${unit[0]}`));
      }
    }

    function draw() {
      width = Math.max(box.clientWidth || 900, 420);
      picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
      picture.setAttribute("width", width);
      const parts = [];
      drawAxis(parts);
      lanes.forEach((lane, number) => drawLane(lane, number, parts));
      if (marked >= 0 && events[marked]) {
        const x = xOf(events[marked].t);
        if (x >= LEFT && x <= width - RIGHT)
          parts.unshift(svg("line", { class: "cursor", x1: x, x2: x, y1: TOP, y2: height - 22 }));
      }
      picture.replaceChildren(...parts);
      range.textContent = `${formatTime(view[1] - view[0])} across`;
    }

    function show(from, to) {
      if (to - from < 200) return;
      view = [from, to];
      draw();
    }
    const zoom = (factor, around) => {
      const middle = around === undefined ? (view[0] + view[1]) / 2 : around;
      show(middle - (middle - view[0]) * factor, middle + (view[1] - middle) * factor);
    };
    const move = (part) => show(view[0] + (view[1] - view[0]) * part, view[1] + (view[1] - view[0]) * part);
    const whole = () => views.everything && show(...views.everything);

    const around = () => (marked >= 0 ? events[marked].t : undefined);
    const keys = {
      "+": () => zoom(0.5, around()), "=": () => zoom(0.5, around()), "-": () => zoom(2, around()),
      ArrowLeft: () => move(-0.2), ArrowRight: () => move(0.2), 0: whole,
    };
    picture.addEventListener("keydown", (event) => {
      if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      keys[event.key]();
    });
    picture.addEventListener("click", (event) => {
      const mark = event.target.closest("[data-place]");
      if (mark) onPick(Number(mark.dataset.place));
    });
    // A stretch is chosen by drawing over it.
    picture.addEventListener("pointerdown", (down) => {
      if (down.button !== 0) return;
      const left = picture.getBoundingClientRect().left;
      const scale = width / picture.getBoundingClientRect().width;
      const start = (down.clientX - left) * scale;
      let chosen = null;
      const drag = (event) => {
        const now = (event.clientX - left) * scale;
        if (Math.abs(now - start) < 6) return;
        if (!chosen) {
          chosen = svg("rect", { class: "choice", y: TOP, height: height - 30 });
          picture.append(chosen);
        }
        chosen.setAttribute("x", Math.min(start, now));
        chosen.setAttribute("width", Math.abs(now - start));
      };
      const stop = (event) => {
        window.removeEventListener("pointermove", drag);
        window.removeEventListener("pointerup", stop);
        if (!chosen) return;
        const [a, b] = [tOf(start), tOf((event.clientX - left) * scale)];
        show(Math.min(a, b), Math.max(a, b));
      };
      window.addEventListener("pointermove", drag);
      window.addEventListener("pointerup", stop);
    });

    const range = el("span", { class: "count" });
    const button = (text, label, action) => el("button", { type: "button", class: "plain", "aria-label": label, onclick: action }, text);
    const tools = el("div", { class: "controls timeline-tools" },
      Object.entries(views).map(([name, stretch]) => button(name, "Show " + name, () => show(...stretch))),
      button("+", "Zoom in", () => zoom(0.5, around())), button("−", "Zoom out", () => zoom(2, around())),
      button("←", "Earlier", () => move(-0.2)), button("→", "Later", () => move(0.2)), range);
    if (typeof ResizeObserver !== "undefined") new ResizeObserver(draw).observe(box);

    return {
      element: el("div", { class: "timeline-part" }, tools, box),
      draw,
      highlight(place) {
        marked = place;
        // What is picked elsewhere comes into view.
        const t = place >= 0 ? events[place].t : null;
        if (t !== null && (t < view[0] || t > view[1])) {
          const span = view[1] - view[0];
          view = [t - span / 2, t + span / 2];
        }
        draw();
      },
    };
  }
  return { make, sideOf };
})();

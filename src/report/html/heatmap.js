// SPDX-License-Identifier: GPL-2.0
// The matrix: a grid of marks that opens its trials, by mouse and by keyboard.

const heatmap = (() => {
  const STATES = [
    ["new", "new finding"], ["known", "known finding"], ["doubt", "inconclusive"],
    ["skip", "skipped"], ["pass", "pass"]];
  const GROUPS = {
    pin: { key: (cell) => cell.held, rest: (cell) => [cell.breaker, cell.disturber] },
    breaker: { key: (cell) => cell.breaker, rest: (cell) => [cell.held, cell.disturber] },
    disturber: { key: (cell) => cell.disturber, rest: (cell) => [cell.held, cell.breaker] },
  };
  const MANY_ROWS = 160;

  const shown = {
    kernels: new Set(run.kernels.map((kernel) => kernel.name)),
    states: new Set(STATES.map(([state]) => state)),
    words: [], group: "pin", toggled: new Map(),
  };
  const stateOf = run.trials.map((trial) => markOf([trial]).state);
  let grid = [];      // rows of elements that can have the focus, or null
  let groupRows = []; // places in it where groups begin
  let at = [0, 0];

  const matches = (trial) => shown.kernels.has(trial.kernel.name) &&
    shown.states.has(stateOf[trial.place]) &&
    shown.words.every((word) => trial.cell.id.toLowerCase().includes(word));

  // The columns: of each kernel every filesystem and page size that it has trials of.
  function columnsOf() {
    const filesystems = [];
    for (const cell of run.cells)
      if (!filesystems.includes(cell.filesystem)) filesystems.push(cell.filesystem);
    const columns = [];
    run.kernels.forEach((kernel, number) => {
      if (!shown.kernels.has(kernel.name)) return;
      const spots = new Map();
      for (const trial of run.trials)
        if (trial.kernelNumber === number)
          spots.set(trial.cell.filesystem + "/" + trial.cell.page, trial.cell);
      [...spots.values()].sort((a, b) => filesystems.indexOf(a.filesystem) -
        filesystems.indexOf(b.filesystem) || a.page - b.page)
        .forEach((cell, i) => columns.push({
          kernel, number, filesystem: cell.filesystem, page: cell.page, first: i === 0 }));
    });
    return columns;
  }

  function rowsOf(trials) {
    const { key, rest } = GROUPS[shown.group];
    const order = new Map();
    run.cells.forEach((cell) => {
      const name = key(cell);
      if (!order.has(name)) order.set(name, new Map());
      const label = rest(cell);
      const id = label.join("\n");
      if (!order.get(name).has(id)) order.get(name).set(id, { label, trials: [] });
    });
    for (const trial of trials)
      order.get(key(trial.cell)).get(rest(trial.cell).join("\n")).trials.push(trial);
    const groups = [];
    for (const [name, rows] of order) {
      const kept = [...rows.values()].filter((row) => row.trials.length > 0);
      if (kept.length > 0) groups.push({ name, rows: kept });
    }
    return groups;
  }

  const spot = (column) => column.number + "/" + column.filesystem + "/" + column.page;
  const spotOf = (trial) => trial.kernelNumber + "/" + trial.cell.filesystem + "/" + trial.cell.page;

  function cellsOf(columns, trials, what, line) {
    const bySpot = new Map();
    for (const trial of trials) {
      if (!bySpot.has(spotOf(trial))) bySpot.set(spotOf(trial), []);
      bySpot.get(spotOf(trial)).push(trial);
    }
    return columns.map((column) => {
      const here = bySpot.get(spot(column));
      const edge = column.first ? " first" : "";
      if (!here) {
        line.push(null);
        return el("td", { class: "blank" + edge, role: "gridcell" });
      }
      const mark = markOf(here);
      const many = here.length > 1 ? ", worst of " + here.length : "";
      const cell = el("td", {
        class: "cell" + edge, role: "gridcell", tabindex: -1,
        "aria-label": `${column.kernel.name} ${column.filesystem} ${formatSize(column.page)}, ${what}: ${mark.label}${many}`,
      }, el("span", { class: "mark mark-" + mark.state }, mark.text));
      cell.trials = here;
      line.push(cell);
      return cell;
    });
  }

  function head(columns) {
    const spans = (same, text, attributes) => {
      const cells = [];
      for (let i = 0; i < columns.length;) {
        let end = i + 1;
        while (end < columns.length && same(columns[i], columns[end])) end += 1;
        cells.push(el("th", { colspan: end - i, scope: "colgroup", role: "columnheader",
          class: (columns[i].first ? "first " : "") + attributes }, text(columns[i])));
        i = end;
      }
      return cells;
    };
    const oneKernel = (a, b) => a.number === b.number;
    const corner = (text) => el("th", { class: "label", scope: "col", role: "columnheader" }, text);
    const version = (kernel) => (kernel.version.includes(" ") ? kernel.release : kernel.version || kernel.release);
    const under = columns.map((column) => el("th", {
      class: "page" + (column.first ? " first" : ""), scope: "col", role: "columnheader" }, formatSize(column.page)));
    return el("thead", {},
      el("tr", { role: "row" }, corner(""), spans(oneKernel, (column) => [
        el("span", { class: "kernel" }, column.kernel.name), " ",
        el("span", { class: "version" }, version(column.kernel)), el("br"),
        el("span", { class: "version" }, column.kernel.scheme || "scheme unknown")], "kernel-head")),
      el("tr", { role: "row" }, corner(""), spans((a, b) => oneKernel(a, b) && a.filesystem === b.filesystem,
        (column) => column.filesystem, "filesystem")),
      el("tr", { role: "row" }, corner(GROUP_LABELS[shown.group]), under));
  }
  const GROUP_LABELS = {
    pin: "pin › breaker, disturber", breaker: "breaker › pin, disturber", disturber: "disturber › pin, breaker" };

  const isOpen = (name, few) => (shown.toggled.has(name) ? shown.toggled.get(name) : few);

  function draw() {
    const trials = run.trials.filter(matches);
    const columns = columnsOf();
    const groups = rowsOf(trials);
    const rows = groups.reduce((sum, group) => sum + group.rows.length, 0);
    const few = rows <= MANY_ROWS || !run.sparse;
    grid = [];
    groupRows = [];
    const bodies = groups.map((group) => {
      const open = isOpen(group.name, few);
      const line = [];
      const toggle = el("th", {
        class: "label group", scope: "rowgroup", role: "rowheader", tabindex: -1,
        "aria-expanded": String(open), title: group.name,
      }, el("span", { class: "twist", "aria-hidden": "true" }, open ? "▾" : "▸"), " ", group.name,
      el("span", { class: "rows" }, " " + group.rows.length));
      toggle.group = group.name;
      line.push(toggle);
      const all = group.rows.flatMap((row) => row.trials);
      const first = el("tr", { class: "group-row", role: "row" }, toggle, cellsOf(columns, all, group.name, line));
      groupRows.push(grid.length);
      grid.push(line);
      const inner = !open ? [] : group.rows.map((row) => {
        const cells = [null];
        const tr = el("tr", { role: "row" },
          el("th", { class: "label", scope: "row", role: "rowheader", title: row.label.join(", ") },
            el("span", { class: "main-label" }, row.label[0]), " ",
            el("span", { class: "side-label" }, row.label[1] === "none" ? "" : row.label[1])),
          cellsOf(columns, row.trials, group.name + ", " + row.label.join(", "), cells));
        grid.push(cells);
        return tr;
      });
      return el("tbody", { role: "rowgroup" }, first, inner);
    });
    table.replaceChildren(head(columns), ...bodies);
    empty.hidden = groups.length > 0;
    for (const [state] of STATES)
      counters.get(state).textContent = formatCount(run.trials.filter((trial) => shown.kernels.has(trial.kernel.name) &&
        stateOf[trial.place] === state).length);
    count.textContent = `${formatCount(trials.length)} of ${plural(run.trials.length, "trial")} in ${plural(rows, "row")}`;
    at = [Math.min(at[0], Math.max(0, grid.length - 1)), at[1]];
    const here = elementAt(at) || nearest(at);
    if (here) here.tabIndex = 0;
  }

  const elementAt = ([row, column]) => (grid[row] || [])[column] || null;

  // The first element of the grid, from a place on.
  function nearest(from) {
    for (let row = from[0]; row < grid.length; row += 1)
      for (let column = 0; column < grid[row].length; column += 1)
        if (grid[row][column]) {
          at = [row, column];
          return grid[row][column];
        }
    return null;
  }

  function focus(place) {
    const element = elementAt(place);
    if (!element) return;
    const before = elementAt(at);
    if (before) before.tabIndex = -1;
    at = place;
    element.tabIndex = 0;
    element.focus();
  }

  // To the next element in a direction, over blanks.
  function step(rows, columns) {
    let [row, column] = at;
    for (;;) {
      row += rows;
      column += columns;
      if (row < 0 || row >= grid.length || column < 0 || column >= grid[row].length) return;
      if (grid[row][column]) {
        focus([row, column]);
        return;
      }
    }
  }

  function toEnd(row, backwards) {
    const line = grid[row] || [];
    const places = line.map((element, i) => (element ? i : -1)).filter((i) => i >= 0);
    if (places.length > 0) focus([row, backwards ? places[0] : places[places.length - 1]]);
  }

  function toGroup(forwards) {
    const other = forwards ? groupRows.find((row) => row > at[0])
      : [...groupRows].reverse().find((row) => row < at[0]);
    if (other !== undefined) focus([other, elementAt([other, at[1]]) ? at[1] : 0]);
  }

  function toggleGroup(name, open) {
    shown.toggled.set(name, open);
    draw();
    const row = grid.findIndex((line) => line[0] && line[0].group === name);
    if (row >= 0) focus([row, 0]);
  }

  function activate(element) {
    if (element.group !== undefined) toggleGroup(element.group, element.getAttribute("aria-expanded") !== "true");
    else if (element.trials) trialView.open(element.trials, element.getAttribute("aria-label"));
  }

  const keys = {
    ArrowUp: () => step(-1, 0), ArrowDown: () => step(1, 0),
    ArrowLeft: () => step(0, -1), ArrowRight: () => step(0, 1),
    Home: (event) => toEnd(event.ctrlKey ? 0 : at[0], true),
    End: (event) => toEnd(event.ctrlKey ? grid.length - 1 : at[0], false),
    PageUp: () => toGroup(false), PageDown: () => toGroup(true),
    Enter: (event) => activate(event.target.closest("[tabindex]")),
    " ": (event) => activate(event.target.closest("[tabindex]")),
  };

  const table = el("table", { class: "heatmap", role: "grid", "aria-label": "Trials by pin, breaker and disturber" });
  const readout = el("p", { class: "readout", "aria-hidden": "true" }, " ");
  const count = el("span", { class: "count" });
  const empty = el("p", { class: "note", hidden: true }, "No trial is left by these filters.");
  const counters = new Map(STATES.map(([state]) => [state, el("span", { class: "number" })]));

  table.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key](event);
  });
  table.addEventListener("click", (event) => {
    const element = event.target.closest("td.cell, th.group");
    if (!element) return;
    const row = grid.findIndex((line) => line.includes(element));
    focus([row, grid[row].indexOf(element)]);
    activate(element);
  });
  const tell = (event) => {
    const element = event.target.closest("td.cell");
    readout.textContent = element ? element.getAttribute("aria-label") : " ";
  };
  table.addEventListener("mouseover", tell);
  table.addEventListener("focusin", tell);

  const chip = (pressed, toggle, ...text) => {
    const button = el("button", { type: "button", class: "chip", "aria-pressed": String(pressed) }, text);
    button.addEventListener("click", () => {
      const now = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(now));
      toggle(now);
      draw();
    });
    return button;
  };
  const member = (set, value) => (now) => (now ? set.add(value) : set.delete(value));

  function controls() {
    const search = el("input", { type: "search", id: "filter", placeholder: "odirect punch-hole xfs/2m", spellcheck: "false" });
    search.addEventListener("input", () => {
      shown.words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      draw();
    });
    const group = el("select", { id: "group-by" }, Object.keys(GROUPS).map((name) => el("option", { value: name }, name)));
    group.addEventListener("change", () => {
      shown.group = group.value;
      shown.toggled.clear();
      draw();
    });
    const all = (open) => el("button", { type: "button", class: "plain", onclick: () => {
      for (const line of grid) if (line[0]) shown.toggled.set(line[0].group, open);
      draw();
    } }, open ? "expand all" : "collapse all");
    const samples = { new: "L", known: "l", doubt: "?", skip: "–", pass: "✓" };
    return el("div", { class: "controls" },
      el("div", { class: "control", role: "group", "aria-label": "Kernels" }, el("span", { class: "what" }, "kernels"),
        run.kernels.map((kernel) => chip(true, member(shown.kernels, kernel.name), kernel.name))),
      el("div", { class: "control", role: "group", "aria-label": "Outcomes" }, el("span", { class: "what" }, "show"),
        STATES.map(([state, name]) => chip(true, member(shown.states, state),
          el("span", { class: "mark mark-" + state, "aria-hidden": "true" }, samples[state]), " ", name, " ", counters.get(state)))),
      el("div", { class: "control" }, el("label", { class: "what", for: "filter" }, "cell"), search,
        el("label", { class: "what", for: "group-by" }, "rows by"), group, all(true), all(false), count));
  }

  const legend = () => el("dl", { class: "legend" }, run.kinds.map((kind) => el("div", {},
    el("dt", {}, el("span", { class: "letter" }, kind.letter), " ", kind.name),
    el("dd", {}, kind.meaning))));

  if (run.trials.length > 0) {
    addSection("matrix", "Matrix",
      el("p", { class: "note" },
        "Each square is one trial: a page is held (pin), the file loses it (breaker), something else happens meanwhile (disturber). ",
        "A letter names the worst thing found: ", el("b", {}, "a capital is new, a small one is explained by known-findings"),
        ". Round marks sum up the rows under them. Open a square for its timeline. Keys: arrows move, Enter opens, Escape closes, Page Up and Page Down go from group to group."),
      controls(),
      el("div", { class: "scroll tall", tabindex: -1 }, table), empty, readout,
      run.kinds.length > 0 ? el("details", { class: "legend-box", open: run.kinds.length <= 8 },
        el("summary", {}, "What the letters mean"), legend()) : null);
    draw();
  }
  return { visible: () => run.trials.filter(matches), draw };
})();

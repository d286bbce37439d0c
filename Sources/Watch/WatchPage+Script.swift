extension WatchPage {
  /// The script: it listens to the server's events and draws. All text of runs goes in as text, never as markup.
  static let script = #"""
    "use strict";
    const most = 6, dashes = ["", "8 4", "2 3", "10 3 2 3", "14 5", "5 2 1 2"];
    const words = {
      running: "● running", stalled: "▲ stalled", finished: "✓ finished", stoppedEarly: "✓ stopped early",
      interrupted: "‖ interrupted", failed: "✕ failed",
    };
    const token = new URLSearchParams(location.search).get("token");
    const at = id => document.getElementById(id);
    const rows = new Map(), logs = new Map(), conditions = new Map(), items = new Map();
    let order = [], open = null, others = [], source = null, isLost = false, isKnown = false, hasList = false;

    // MARK: Small things

    function node(name, attributes = {}, ...children) {
      const made = document.createElement(name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      made.append(...children);
      return made;
    }
    function drawn(name, attributes = {}, text) {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      if (text !== undefined) made.textContent = text;
      return made;
    }
    function set(element, text) { if (element.textContent !== text) element.textContent = text; }
    // A space is %20: servers need not take a plus for one.
    function address(path, query = []) {
      const all = token ? [...query, ["token", token]] : query;
      return path + (all.length ? "?" : "") + all.map(pair => pair.map(encodeURIComponent).join("=")).join("&");
    }
    const ofRun = (run, what, query) => address("api/runs/" + encodeURIComponent(run) + "/" + what, query);
    const minus = text => text.replaceAll("-", "−");
    function number(value) {
      if (typeof value !== "number") return String(value);
      const size = Math.abs(value);
      if (size !== 0 && (size < 1e-3 || size >= 1e7)) return minus(value.toExponential(2));
      return minus(String(Number(value.toPrecision(size >= 1e4 ? 6 : 4))));
    }
    const named = run => rows.get(run)?.name ?? (run || "this run");
    const shown = () => open === null ? [] : [open, ...others.filter(run => run !== open)];

    // MARK: The address of the page says what is shown

    function readAddress() {
      const parts = new URLSearchParams(location.hash.slice(1));
      open = parts.get("run");
      others = parts.getAll("with").slice(0, most - 1);
    }
    function writeAddress() {
      const parts = new URLSearchParams();
      if (open !== null) parts.set("run", open);
      for (const run of others) if (run !== open) parts.append("with", run);
      history.replaceState(null, "", location.pathname + location.search + "#" + parts);
    }
    function select(run) {
      open = run;
      others = others.filter(other => other !== run).slice(0, most - 1);
      changed();
    }
    function compare(run, isOn) {
      others = others.filter(other => other !== run);
      if (isOn && run !== open) others.push(run);
      changed();
    }
    function changed() {
      writeAddress();
      connect();
      showList();
      showRun();
    }

    // MARK: Events

    function connect() {
      source?.close();
      const runs = shown(), places = runs.map(run => logs.get(run)?.place ?? "0.0");
      source = new EventSource(address("events", [...runs.map(run => ["run", run]), ["at", places.join(",")]]));
      source.addEventListener("open", () => {
        hasList = false;
        if (isLost) set(at("news"), "Connected again.");
        isLost = false;
      });
      source.addEventListener("error", () => {
        if (!isLost) set(at("news"), "The connection is lost; trying again. Is the server still running?");
        isLost = true;
        if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
      });
      const listen = (name, act) => source.addEventListener(name, event => act(JSON.parse(event.data)));
      listen("runs", hearRuns);
      listen("log", hearLog);
      listen("run", hearCondition);
    }
    function hearRuns(list) {
      if (!hasList && list.order) for (const run of rows.keys()) if (!list.order.includes(run)) rows.delete(run);
      hasList = true;
      for (const run of list.gone) rows.delete(run);
      for (const row of list.rows) {
        const before = rows.get(row.run);
        rows.set(row.run, row);
        if (before && before.state !== row.state && shown().includes(row.run)) {
          set(at("news"), row.name + ": " + words[row.state].slice(2));
        }
      }
      if (list.order) order = list.order;
      if (list.isCut) set(at("limit"), "There are more runs than are listed here.");
      isKnown = true;
      if (open === null || !rows.has(open)) {
        const first = order.find(run => rows.get(run)?.state === "running")
          ?? [...order].sort((a, b) => rows.get(b).changed - rows.get(a).changed)[0];
        if (first !== undefined && first !== open) { select(first); return; }
      }
      showList();
      showFacts();
    }
    function hearLog(log) {
      let known = logs.get(log.run);
      if (!known || log.isNew) logs.set(log.run, known = { curves: new Map(), measured: [] });
      known.place = log.place;
      known.measured.push(...log.measured);
      for (const curve of log.curves) {
        const before = known.curves.get(curve.key);
        if (!before) { known.curves.set(curve.key, curve); continue; }
        before.steps.push(...curve.steps);
        before.values.push(...curve.values);
        if (before.steps.length > 20000) Object.assign(before, thinned(before, 5000));
      }
      redraw();
    }
    function hearCondition(condition) {
      conditions.set(condition.run, condition);
      if (condition.run === open) showCondition();
    }

    // MARK: The list

    function showList() {
      const counts = {};
      for (const row of rows.values()) counts[row.state] = (counts[row.state] ?? 0) + 1;
      const parts = Object.keys(words).filter(state => counts[state])
        .map(state => counts[state] + " " + words[state].slice(2));
      const count = rows.size + (rows.size === 1 ? " run" : " runs");
      if (isKnown) set(at("count"), [count, ...parts].join(" · "));
      at("empty").hidden = !isKnown || rows.size > 0;
      at("view").hidden = rows.size === 0 || open === null;
      const wanted = at("filter").value.trim().toLowerCase();
      for (const [run, item] of items) if (!rows.has(run)) { item.all.remove(); items.delete(run); }
      let place = 0;
      for (const run of order) {
        const row = rows.get(run);
        if (!row) continue;
        if (!items.has(run)) items.set(run, makeItem(run));
        const item = items.get(run);
        const there = at("list").children[place] ?? null;
        if (there !== item.all) at("list").insertBefore(item.all, there);
        place += 1;
        const text = [row.name, row.model, row.data, words[row.state]].join(" ").toLowerCase();
        item.all.hidden = !text.includes(wanted);
        showItem(item, row);
      }
    }
    function makeItem(run) {
      const item = {
        box: node("input", { type: "checkbox" }), button: node("button", { type: "button" }),
        name: node("span", { class: "name" }), state: node("span"), meta: node("span", { class: "meta" }),
        bar: node("span", { class: "bar", "aria-hidden": "true" }, node("span")),
      };
      item.button.append(item.name, item.state, item.meta, item.bar);
      item.all = node("li", {}, node("label", {}, item.box), item.button);
      item.button.addEventListener("click", () => select(run));
      item.box.addEventListener("change", () => compare(run, item.box.checked));
      return item;
    }
    function showItem(item, row) {
      const isOpen = row.run === open, isFull = shown().length >= most;
      item.button.setAttribute("aria-current", String(isOpen));
      item.box.setAttribute("aria-label", "Compare " + row.name);
      item.box.checked = isOpen || others.includes(row.run);
      item.box.disabled = isOpen || isFull && !item.box.checked;
      set(item.name, row.name);
      set(item.state, words[row.state] + (row.warning ? ", warned" : ""));
      item.state.className = "state " + (row.warning ? "warning " : "") + row.state;
      set(item.meta, [row.model, row.data, progress(row), reading(row)].filter(Boolean).join(" · "));
      item.bar.hidden = row.done === undefined || row.state !== "running";
      item.bar.firstChild.style.width = 100 * (row.done ?? 0) + "%";
    }
    function progress(row) {
      if (row.step === undefined) return "";
      const end = row.steps ? " of " + row.steps : row.epochs && row.epoch !== undefined
        ? " (epoch " + number(row.epoch) + " of " + row.epochs + ")" : "";
      return "step " + row.step + end;
    }
    function reading(row) {
      return row.newest ? (row.newest.name + " " + number(row.newest.value) + " " + row.newest.unit).trim() : "";
    }

    // MARK: The run

    function showRun() {
      if (open === null) return;
      at("view").hidden = !rows.size;
      showFacts();
      showCondition();
      showLegend();
      redraw();
      loadConfiguration();
    }
    function showFacts() {
      const row = rows.get(open);
      if (!row) return;
      set(at("title"), row.name);
      document.title = row.name + " – " + words[row.state].slice(2);
      const when = row.changed ? "last written " + new Date(row.changed * 1000).toLocaleString() : "";
      const facts = [row.model, row.data, words[row.state].slice(2), progress(row), when];
      set(at("facts"), facts.filter(Boolean).join(" · "));
      showLegend();
      showChoices();
    }
    function showCondition() {
      const condition = conditions.get(open) ?? { findings: [], pictures: [] };
      const findings = condition.findings.length ? condition.findings
        : [condition.isOfGame ? "The critic is not saturated, and the samples vary." : "Nothing to warn of."];
      const text = findings.join("\n");
      if (at("health").dataset.text !== text) {
        at("health").dataset.text = text;
        at("health").replaceChildren(
          ...findings.map(text => node("li", condition.findings.length ? { class: "alarm" } : {}, text)));
      }
      showPictures(condition.pictures);
    }
    function showPictures(pictures) {
      at("no-pictures").hidden = pictures.length > 0;
      const kept = new Map([...at("pictures").children].map(figure => [figure.dataset.name, figure]));
      at("pictures").replaceChildren(...pictures.map(picture => {
        const name = open + "/" + picture.name;
        let figure = kept.get(name);
        if (!figure) {
          figure = node("figure", {}, node("span"), node("figcaption"));
          figure.dataset.name = name;
        }
        if (figure.dataset.version !== picture.version) {
          figure.dataset.version = picture.version;
          replacePicture(figure, picture, ofRun(open, "picture", [["name", picture.name], ["version", picture.version]]));
        }
        return figure;
      }));
    }
    // The old picture stays until the new one is there.
    async function replacePicture(figure, picture, source) {
      const image = node("img", { alt: named(open) + ": " + picture.caption });
      image.src = source;
      try { await image.decode(); } catch { image.alt += " (it cannot be shown)"; }
      if (figure.dataset.version !== picture.version) return;
      figure.firstChild.replaceWith(image);
      set(figure.lastChild, picture.caption);
    }
    function swatch(index) {
      const made = drawn("svg", { viewBox: "0 0 40 12", "aria-hidden": "true" });
      made.append(drawn("line", {
        x1: 0, x2: 40, y1: 6, y2: 6, class: "s" + index, "stroke-width": 3, "stroke-dasharray": dashes[index],
      }));
      return made;
    }
    function showLegend() {
      const runs = shown(), text = runs.map(named).join("\n");
      if (at("compared").dataset.text === text) return;
      at("compared").dataset.text = text;
      at("compared").replaceChildren(
        ...runs.map((run, index) => node("li", {}, swatch(index), node("span", {}, named(run)))));
    }

    // MARK: Curves

    const charts = new Map();
    let isDue = false;
    function redraw() {
      if (isDue) return;
      isDue = true;
      requestAnimationFrame(() => { isDue = false; drawAll(); });
    }
    function drawAll() {
      const keys = new Map();
      for (const run of shown()) {
        for (const [key, curve] of logs.get(run)?.curves ?? []) if (!keys.has(key)) keys.set(key, curve);
      }
      const rank = { score: 0, loss: 1, term: 2, training: 3 };
      const sorted = [...keys.values()].sort((a, b) => rank[a.group] - rank[b.group] || (a.key < b.key ? -1 : 1));
      for (const [key, chart] of charts) if (!keys.has(key)) { chart.remove(); charts.delete(key); }
      at("no-curves").hidden = keys.size > 0;
      at("terms").hidden = !sorted.some(curve => curve.group === "term");
      at("rates").hidden = !sorted.some(curve => curve.group === "training");
      for (const curve of sorted) {
        const home = at("curves-" + (curve.group === "score" ? "loss" : curve.group));
        if (!charts.has(curve.key)) charts.set(curve.key, node("figure", {}, drawn("svg"), node("figcaption")));
        const chart = charts.get(curve.key);
        if (chart.parentNode !== home) home.append(chart);
        drawChart(chart, curve);
      }
      showMeasured();
    }
    function thinned(curve, limit) {
      const count = curve.values.length;
      if (count <= limit) return curve;
      const steps = [], values = [], groups = Math.max(1, Math.floor(limit / 4));
      for (let group = 0; group < groups; group += 1) {
        const start = Math.floor(group * count / groups), end = Math.floor((group + 1) * count / groups);
        let low = start, high = start;
        for (let index = start; index < end; index += 1) {
          if (curve.values[index] < curve.values[low]) low = index;
          if (curve.values[index] > curve.values[high]) high = index;
        }
        for (const index of [...new Set([start, low, high, end - 1])].sort((a, b) => a - b)) {
          steps.push(curve.steps[index]);
          values.push(curve.values[index]);
        }
      }
      return { steps, values };
    }
    function ticks(low, high, count) {
      if (!(high > low)) return [low];
      const power = 10 ** Math.floor(Math.log10((high - low) / count));
      let found = [];
      for (const step of [10, 5, 2, 1].map(factor => factor * power)) {
        found = [];
        for (let index = Math.ceil(low / step - 1e-9); index * step <= high + 1e-9 * step; index += 1) {
          found.push(index * step);
        }
        if (found.length >= count - 1) break;
      }
      return found;
    }
    function logTicks(low, high) {
      const found = [];
      for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power += 1) {
        for (const factor of Math.log10(high / low) < 2 ? [1, 2, 5] : [1]) {
          const tick = factor * 10 ** power;
          if (tick >= low && tick <= high) found.push(tick);
        }
      }
      return found.length > 1 ? found : ticks(low, high, 4).filter(tick => tick > 0);
    }
    function tick(value) {
      const size = Math.abs(value);
      if (size >= 1e6 || size > 0 && size < 1e-3) return minus(value.toExponential().replace(/(\.\d)\d*e/, "$1e"));
      return minus(String(Number(value.toPrecision(6))));
    }
    function drawChart(chart, meta) {
      const width = Math.max(240, Math.min(620, chart.clientWidth || 420)), height = 250;
      const left = 58, right = 12, top = 30, bottom = 42, ground = height - bottom;
      const series = shown().map((run, index) => ({ run, index, curve: logs.get(run)?.curves.get(meta.key) }))
        .filter(one => one.curve?.values.length);
      let [low, high, first, last] = [Infinity, -Infinity, Infinity, -Infinity];
      for (const { curve } of series) {
        for (const value of curve.values) { if (value < low) low = value; if (value > high) high = value; }
        first = Math.min(first, curve.steps[0]);
        last = Math.max(last, curve.steps[curve.steps.length - 1]);
      }
      const isLog = at("log").checked && low > 0, map = value => isLog ? Math.log10(value) : value;
      const isFlat = low === high, level = low;
      if (isFlat) { const room = Math.abs(low) * 0.1 || 1; low = isLog ? low / 2 : low - room; high += room; }
      const x = step => left + (width - left - right) * (last > first ? (step - first) / (last - first) : 0.5);
      const y = value => height - bottom - (height - top - bottom) * (map(value) - map(low)) / (map(high) - map(low));
      const unit = meta.unit ? " (" + meta.unit + ")" : "", svg = chart.firstChild;
      const made = [drawn("text", { class: "title", x: left, y: 16 }, meta.name + unit)];
      for (const value of isFlat ? [level] : isLog ? logTicks(low, high) : ticks(low, high, 4)) {
        made.push(drawn("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }));
        made.push(drawn("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, tick(value)));
      }
      for (const value of ticks(first, last, width < 360 ? 3 : 5)) {
        made.push(drawn("line", { class: "axis", x1: x(value), x2: x(value), y1: ground, y2: ground + 4 }));
        made.push(drawn("text", { x: x(value), y: ground + 18, "text-anchor": "middle" }, tick(value)));
      }
      made.push(drawn("line", { class: "axis", x1: left, x2: width - right, y1: ground, y2: ground }));
      made.push(drawn("text", { x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, "step"));
      for (const { index, curve } of series) {
        const { steps, values } = thinned(curve, 2 * width);
        if (values.length === 1) {
          made.push(drawn("circle", { class: "s" + index, cx: x(steps[0]), cy: y(values[0]), r: 3 }));
          continue;
        }
        const points = steps.map((step, place) => x(step).toFixed(1) + "," + y(values[place]).toFixed(1)).join(" ");
        made.push(drawn("polyline", { class: "curve s" + index, points, "stroke-dasharray": dashes[index] }));
      }
      const says = series.map(({ run, curve }) => {
        const end = curve.values.length - 1;
        return named(run) + ": " + number(curve.values[end]) + " at step " + curve.steps[end];
      });
      svg.setAttribute("viewBox", "0 0 " + width + " " + height);
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", meta.name + unit + " over steps. " + series.map(({ run, curve }) =>
        named(run) + ", steps " + curve.steps[0] + " to " + curve.steps[curve.steps.length - 1] + ", from "
        + number(curve.values[0]) + " to " + number(curve.values[curve.values.length - 1])).join("; "));
      svg.setAttribute("data-key", meta.key);
      svg.setAttribute("data-points", series.reduce((sum, one) => sum + one.curve.values.length, 0));
      svg.replaceChildren(...made);
      set(chart.lastChild, says.join("; ") + ".");
    }
    function showMeasured() {
      const runs = shown().filter(run => logs.get(run)?.measured.length);
      at("measured-section").hidden = !runs.length;
      const lines = runs.flatMap(run => {
        const { split, step, values } = logs.get(run).measured.at(-1);
        return Object.keys(values).filter(key => !key.endsWith("_error")).sort().map(key => {
          const error = values[key + "_error"];
          const value = number(values[key]) + (error === undefined ? "" : " ± " + number(error));
          return [key, value, split, String(step), named(run)];
        });
      });
      table(at("measured"), "The last evaluation of each run.", ["number", "value", "split", "step", "run"], lines);
    }
    function table(element, caption, header, lines) {
      const text = JSON.stringify([caption, header, lines]);
      if (element.dataset.text === text) return;
      element.dataset.text = text;
      element.replaceChildren(
        node("caption", {}, caption),
        node("thead", {}, node("tr", {}, ...header.map(title => node("th", { scope: "col" }, title)))),
        node("tbody", {}, ...lines.map(line => node("tr", {}, ...line.map((cell, index) =>
          index ? node("td", {}, cell) : node("th", { scope: "row" }, cell))))));
    }

    // MARK: Settings

    function showChoices() {
      const choices = order.filter(run => run !== open), text = choices.map(named).join("\n") + open;
      if (at("other").dataset.text === text) return;
      at("other").dataset.text = text;
      const before = at("other").value;
      at("other").replaceChildren(
        node("option", { value: "-" }, choices.length ? "Choose a run" : "There is no other run"),
        ...choices.map(run => node("option", { value: "/" + run }, named(run))));
      at("other").value = choices.includes(before.slice(1)) ? before : "-";
      showDifference();
    }
    async function answer(path) {
      const reply = await fetch(path);
      if (!reply.ok) throw new Error((await reply.text()).trim());
      return reply;
    }
    async function loadConfiguration() {
      const run = open;
      try {
        const text = await (await answer(ofRun(run, "config"))).text();
        if (run === open) set(at("config"), text);
      } catch (error) { if (run === open) set(at("config"), error.message); }
      showDifference();
    }
    async function showDifference() {
      const run = open, choice = at("other").value;
      at("difference").hidden = true;
      set(at("difference-note"), "");
      if (!choice.startsWith("/") || run === null) return;
      const other = choice.slice(1);
      try {
        const lines = await (await answer(ofRun(run, "difference", [["to", other]]))).json();
        if (run !== open || choice !== at("other").value) return;
        if (!lines.length) { set(at("difference-note"), "The two have the same settings."); return; }
        at("difference").hidden = false;
        table(
          at("difference"), lines.length + (lines.length === 1 ? " setting differs." : " settings differ."),
          ["setting", named(run), named(other)], lines.map(line => [line.key, line.this ?? "–", line.that ?? "–"]));
      } catch (error) { set(at("difference-note"), error.message); }
    }

    at("filter").addEventListener("input", showList);
    at("log").addEventListener("change", redraw);
    at("other").addEventListener("change", showDifference);
    at("rates").addEventListener("toggle", redraw);
    addEventListener("hashchange", () => { readAddress(); connect(); showList(); showRun(); });
    let width = innerWidth;
    addEventListener("resize", () => { if (width !== innerWidth) { width = innerWidth; redraw(); } });
    readAddress();
    connect();
    """#
}

// Makes the page interactive; without it, every figure, picture and table is still shown.

// Light or dark mode: the system setting, until the reader chooses.
const root = document.documentElement;
const button = document.getElementById("theme");
const dark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
if (button) {
  const name = () => { button.textContent = dark() ? "Light" : "Dark"; };
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  button.hidden = false;
  name();
}

// A slider between two pictures; without scripts they stand side by side.
for (const pair of document.querySelectorAll(".compare")) {
  const slider = pair.querySelector("input");
  const show = () => pair.style.setProperty("--shown", slider.value + "%");
  slider.addEventListener("input", show);
  slider.hidden = false;
  pair.classList.add("live");
  show();
}

// Boxes that scroll sideways are reachable by keyboard.
const watcher = new ResizeObserver((all) => {
  for (const { target } of all) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const box of document.querySelectorAll(".scroll")) watcher.observe(box);

// Tables sort by column.
for (const table of document.querySelectorAll("table.sortable")) {
  const value = (row, column) => {
    const cell = row.cells[column];
    const plain = cell.dataset.value ?? cell.textContent.trim();
    return plain !== "" && !isNaN(plain) ? Number(plain) : plain;
  };
  const order = (a, b) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1);
  const heads = [...table.tHead.querySelectorAll("th:not(.group)")];
  for (const head of heads) {
    const column = Number(head.dataset.column ?? head.cellIndex);
    const sorter = document.createElement("button");
    sorter.type = "button";
    sorter.className = "sorter";
    sorter.append(...head.childNodes);
    head.append(sorter);
    sorter.addEventListener("click", () => {
      const sign = head.ariaSort === "ascending" ? -1 : 1;
      for (const other of heads) other.ariaSort = null;
      head.ariaSort = sign === 1 ? "ascending" : "descending";
      const body = table.tBodies[0];
      body.append(...[...body.rows].sort((a, b) => sign * order(value(a, column), value(b, column))));
    });
  }
}

// Filters for the rows of a chart; returns the function that tests whether a row is shown.
const toggles = (given, place, change) => {
  const groups = given.map((toggle, number) => {
    const box = document.createElement("fieldset");
    const legend = document.createElement("legend");
    legend.textContent = toggle.label;
    box.append(legend);
    const inputs = toggle.options.map((option) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = toggle.single ? "radio" : "checkbox";
      input.name = `${place.dataset.number}-${number}`;
      input.value = option.value;
      input.checked = option.checked;
      input.addEventListener("change", change);
      label.append(input);
      if (option.colour) {
        const swatch = document.createElement("i");
        swatch.style.background = option.colour;
        label.append(swatch);
      }
      label.append(option.value);
      box.append(label);
      return input;
    });
    if (!toggle.single && inputs.length > 3) {
      const all = document.createElement("button");
      all.type = "button";
      all.textContent = "all or none";
      all.addEventListener("click", () => {
        const on = !inputs.every((input) => input.checked);
        for (const input of inputs) input.checked = on;
        change();
      });
      box.append(all);
    }
    place.append(box);
    return { field: toggle.field, inputs };
  });
  return (row) => groups.every(({ field, inputs }) => !(field in row) || inputs.some((input) => input.checked && input.value === row[field]));
};

// Numbers from base64.
const unpack = (text, Kind) => new Kind(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
const DAY = 86400000;

// The controls of the explorer: first day and number of days.
const explorer = (pack, place, change) => {
  const minutes = unpack(pack.minutes, Uint32Array);
  const lines = Object.entries(pack.values).map(([title, text]) => [title, unpack(text, Uint16Array)]);
  const unpacked = (end) => (typeof end === "number" ? end : unpack(end, Uint16Array)); // a number is to be added to the forecast
  const intervals = pack.intervals.map((interval) => ({ ...interval, ends: interval.ends.map(unpacked) }));
  const value = (values, at) => (values[at] === 65535 ? null : pack.low + (values[at] / 65534) * (pack.high - pack.low));
  const time = (place) => pack.start + minutes[place] * 60000;
  const [first, last] = [time(0), time(minutes.length - 1)];
  const days = Math.max(Math.floor((last - first) / DAY), 1);
  const box = document.createElement("fieldset");
  box.innerHTML = '<legend>Time</legend><label>from <input type="date"></label><label>days <select></select></label><label class="wide">move <input type="range" min="0"></label>';
  const [date, range] = box.querySelectorAll("input");
  const span = box.querySelector("select");
  for (const count of [3, 7, 14, 30, 90]) span.add(new Option(count, count, count === 7, count === 7));
  const written = (moment) => new Date(moment).toISOString().slice(0, 10);
  [date.min, date.max, range.max] = [written(first), written(last), days];
  range.value = Math.floor(days / 2);
  date.value = written(first + range.value * DAY);
  range.addEventListener("input", () => { date.value = written(first + range.value * DAY); change(); });
  date.addEventListener("change", () => {
    if (!date.value) return;
    range.value = Math.round((Date.parse(date.value) - Date.parse(written(first))) / DAY);
    change();
  });
  span.addEventListener("change", change);
  place.append(box);
  return () => {
    const begin = Date.parse(date.value || written(first));
    const end = begin + span.value * DAY;
    const rows = [];
    for (let at = 0; at < minutes.length; at++) {
      if (time(at) < begin || time(at) >= end) continue;
      const forecasts = {};
      for (const [title, values] of lines) {
        forecasts[title] = value(values, at);
        rows.push({ time: time(at), title, value: forecasts[title] });
      }
      for (const { title, interval, ends } of intervals) {
        const forecast = forecasts[title];
        const [low, high] = ends.map((end) => (forecast === null ? null : typeof end === "number" ? forecast + end : value(end, at)));
        rows.push({ time: time(at), title, interval, low, high });
      }
    }
    return rows;
  };
};

// Charts: specification, rows and toggles are embedded beside the static image.
let number = 0;
for (const figure of document.querySelectorAll(".chart")) {
  const given = JSON.parse(figure.querySelector("script").textContent);
  const controls = document.createElement("div");
  controls.className = "controls";
  controls.dataset.number = `chart${number++}`;
  const drawn = document.createElement("div");
  drawn.className = "drawn";
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", figure.dataset.words);
  let view;
  const shown = () => rows().filter(kept);
  const change = () => view.data("rows", shown()).runAsync();
  const rows = given.pack ? explorer(given.pack, controls, change) : () => given.rows;
  const kept = toggles(given.toggles, controls, change);
  figure.prepend(controls, drawn);
  figure.classList.add("live");
  given.spec.datasets = { rows: shown() };
  const options = { ast: true, actions: false, renderer: "svg", logLevel: 1 };
  vegaEmbed(drawn, given.spec, options).then((found) => {
    view = found.view;
    drawn.querySelector("svg").ariaHidden = "true"; // the figure is labelled
  }).catch((error) => {
    figure.classList.remove("live");
    controls.remove();
    drawn.remove();
    throw error;
  });
}

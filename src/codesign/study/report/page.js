"use strict";

// Tables: a click on a head sorts by its column; long tables get a field that filters rows.

// The first number of a cell decides; cells without a number come last, in alphabetical order.
function rank(text) {
  const found = text.replace(/(\d),(?=\d{3})/g, "$1").replace("−", "-").match(/-?\d+(\.\d+)?(e[+-]?\d+)?/i);
  return found ? Number(found[0]) : Infinity;
}

function sortRows(table, column, descends) {
  const rows = [...table.tBodies[0].rows];
  const text = row => row.cells[column].textContent.trim();
  rows.sort((a, b) => {
    const [x, y] = [rank(text(a)), rank(text(b))];
    if (x === y || (x === Infinity && y === Infinity)) return text(a).localeCompare(text(b));
    return x === Infinity ? 1 : y === Infinity ? -1 : descends ? y - x : x - y;
  });
  table.tBodies[0].append(...rows);
}

for (const table of document.querySelectorAll("main table")) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const descends = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descends ? "descending" : "ascending");
      sortRows(table, column, descends);
    });
  });
  if (table.tBodies[0].rows.length > 8) {
    const field = document.createElement("input");
    field.type = "search";
    field.placeholder = "filter rows";
    field.setAttribute("aria-label", "Filter the rows of the table below");
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every(word => text.includes(word));
      }
    });
    table.parentElement.before(field);
  }
}

// Figures: the nearest point tells its value; a click enlarges.

const value = document.getElementById("value");
const enlarged = document.getElementById("enlarged");
const NEAR = 14;  // pixels

function pointsOf(picture) {
  const data = picture.querySelector("script");
  if (!data) return [];
  picture.points ??= JSON.parse(data.textContent).flatMap(series =>
    series.points.map(([left, top, x, y]) => ({left, top, x, y, series})));
  return picture.points;
}

function tell(event) {
  const picture = event.currentTarget;
  const box = picture.querySelector("img").getBoundingClientRect();
  let nearest = null, least = NEAR;
  for (const point of pointsOf(picture)) {
    const away = Math.hypot(box.left + point.left * box.width - event.clientX,
                            box.top + point.top * box.height - event.clientY);
    if (away < least) [nearest, least] = [point, away];
  }
  value.hidden = !nearest;
  if (!nearest) return;
  const {series, x, y} = nearest;
  value.replaceChildren();
  const head = [series.name, series.panel].filter(Boolean).join(" · ");
  if (head) value.append(Object.assign(document.createElement("b"), {textContent: head}));
  for (const [name, text] of [[series.x, x], [series.y, y]])
    value.append(Object.assign(document.createElement("span"), {textContent: name ? `${name}: ${text}` : text}));
  const right = Math.min(event.clientX + 14, window.innerWidth - value.offsetWidth - 8);
  value.style.left = `${Math.max(8, right)}px`;
  value.style.top = `${Math.min(event.clientY + 16, window.innerHeight - value.offsetHeight - 8)}px`;
}

function watch(picture) {
  picture.addEventListener("pointermove", tell);
  picture.addEventListener("pointerdown", tell);
  picture.addEventListener("pointerleave", () => { value.hidden = true; });
}

function enlarge(picture) {
  value.hidden = true;
  const copy = picture.cloneNode(true);
  copy.removeAttribute("role");
  copy.removeAttribute("tabindex");
  watch(copy);
  enlarged.firstElementChild.replaceChildren(copy);
  // A dialog shows what is in it, so the value moves into it and back.
  enlarged.append(value);
  enlarged.showModal();
}

value.hidden = true;
for (const picture of document.querySelectorAll("figure .picture")) {
  watch(picture);
  picture.addEventListener("click", () => enlarge(picture));
  picture.addEventListener("keydown", event => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); enlarge(picture); }
  });
}
enlarged.addEventListener("click", () => enlarged.close());
enlarged.addEventListener("close", () => { value.hidden = true; document.body.append(value); });

"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("alive");

  // Colours: the system's, or as chosen. Where nothing can be remembered, the choice is for now.
  const themes = document.querySelector(".themes");
  const KEY = "varsync-theme";
  const remembered = () => { try { return localStorage.getItem(KEY) || ""; } catch { return ""; } };
  const remember = (theme) => { try { localStorage.setItem(KEY, theme); } catch { /* for now */ } };
  const wear = (theme) => {
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    for (const input of themes.querySelectorAll("input")) input.checked = input.value === theme;
  };
  themes.hidden = false;
  wear(["light", "dark"].includes(remembered()) ? remembered() : "");
  themes.addEventListener("change", (event) => { wear(event.target.value); remember(event.target.value); });

  // What does not scroll need not be reached.
  const boxes = document.querySelectorAll(".scroll, pre");
  const reach = () => {
    for (const box of boxes) {
      const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
      if (scrolls) box.tabIndex = 0; else box.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", reach);
  addEventListener("toggle", reach, true);
  reach();

  // Tables: a click on a heading sorts, another one turns the order round.
  const text = new Intl.Collator("en", { numeric: true });
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent : Number(cell.dataset.sort);
  };
  const compare = (one, other) =>
    typeof one === "number" && typeof other === "number" ? one - other : text.compare(one, other);
  const sort = (table, column) => {
    const heads = [...table.tHead.rows[0].cells];
    const head = heads[column];
    const before = head.getAttribute("aria-sort");
    const numbers = head.classList.contains("number");
    const order = before === null ? (numbers ? "descending" : "ascending")
      : before === "ascending" ? "descending" : "ascending";
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [keyOf(row, column), row]);
    rows.sort(([one], [other]) => sign * compare(one, other));
    body.append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) =>
      head.querySelector("button").addEventListener("click", () => sort(table, column)));
  }

  // The time line: what one column is, as the slider or the pointer says.
  const lanes = document.getElementById("lanes");
  const range = document.getElementById("step");
  if (lanes && range) {
    const data = JSON.parse(document.getElementById("data").textContent);
    const shown = document.getElementById("at-step");
    const count = Number(range.max) + 1;
    const cursor = document.createElement("div");
    cursor.className = "cursor";
    lanes.append(cursor);
    const named = (column) => {
      const first = column * data.width + 1;
      const last = Math.min(first + data.width - 1, data.steps);
      return first >= last ? `step ${first}` : `steps ${first} to ${last}`;
    };
    const make = (name, words, attributes = {}) => {
      const made = document.createElement(name);
      made.textContent = words;
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      return made;
    };
    const show = () => {
      const column = Number(range.value);
      const box = lanes.getBoundingClientRect();
      const picture = lanes.querySelector("svg").getBoundingClientRect();
      const width = picture.width / count;
      cursor.style.left = `${picture.left - box.left + column * width}px`;
      cursor.style.width = `${width}px`;
      range.setAttribute("aria-valuetext", named(column));
      const table = document.createElement("table");
      const head = table.createTHead().insertRow();
      head.append(make("th", "replica", { scope: "col", class: "number" }));
      for (const part of data.parts) {
        head.append(make("th", `${part}, ms`, { scope: "col", class: "number" }));
      }
      const body = table.createTBody();
      for (const [replica, ...parts] of data.replicas) {
        const row = body.insertRow();
        row.append(make("th", replica, { scope: "row", class: "number" }));
        for (const part of parts) {
          const known = column < part.length;
          row.append(make("td", known ? (part[column] / 1000).toFixed(2) : "", { class: "number" }));
        }
      }
      const scroll = make("div", "", { class: "scroll", tabindex: "0", role: "region", "aria-label": named(column) });
      scroll.append(table);
      shown.replaceChildren(make("p", named(column).replace("s", "S")), scroll);
    };
    range.addEventListener("input", show);
    lanes.addEventListener("pointerdown", (event) => {
      const picture = lanes.querySelector("svg").getBoundingClientRect();
      const at = Math.floor((event.clientX - picture.left) / picture.width * count);
      range.value = Math.max(0, Math.min(count - 1, at));
      show();
    });
    new ResizeObserver(show).observe(lanes);
  }
})();

"use strict";
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => {
    const button = head.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const was = head.getAttribute("aria-sort");
      const first = button.dataset.sort === "down" ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = was === first ? other : first;
      heads.forEach((each) => each.hasAttribute("aria-sort") && each.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", order);
      const words = button.dataset.sort === "text";
      const sign = order === "ascending" ? 1 : -1;
      const value = (row) => row.cells[place].dataset.value ?? "";
      const compare = (one, other_) => {
        if (words) return sign * value(one).localeCompare(value(other_));
        const [a, b] = [parseFloat(value(one)), parseFloat(value(other_))];
        if (isNaN(a) || isNaN(b)) return isNaN(a) - isNaN(b);
        return sign * (a - b);
      };
      const body = table.tBodies[0];
      const rows = [...body.rows];
      const fixed = rows.filter((row) => "fixed" in row.dataset);
      body.append(...rows.filter((row) => !("fixed" in row.dataset)).sort(compare), ...fixed);
    });
  });
}

for (const chips of document.querySelectorAll("[data-highlight]")) {
  chips.addEventListener("click", (event) => {
    const chip = event.target.closest("button");
    if (!chip) return;
    for (const each of chips.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each === chip));
    for (const mark of document.querySelectorAll("svg .model")) {
      const on = mark.dataset.model === chip.dataset.model;
      mark.classList.toggle("on", on);
      if (on) mark.parentNode.append(mark);
    }
  });
}

for (const timeline of document.querySelectorAll("[data-timeline]")) {
  const rows = [...timeline.querySelectorAll("tr[data-index]")].sort((a, b) => a.dataset.index - b.dataset.index);
  const extent = rows.map((row) => [parseFloat(row.dataset.x), parseFloat(row.dataset.width)]);
  const view = timeline.querySelector(".window");
  const lanes = timeline.querySelector(".lanes");
  const slider = timeline.querySelector("[role=slider]");
  const detail = timeline.querySelector(".detail");
  const cursors = timeline.querySelectorAll("rect.cursor");
  let chosen = rows.findIndex((row) => row.classList.contains("chosen"));

  const put = (selector, text) => {
    const place = detail.querySelector(selector);
    if (place) place.firstChild ? (place.firstChild.data = text) : (place.textContent = text);
  };
  const show = (index) => {
    const row = rows[index];
    for (const cursor of cursors) {
      cursor.setAttribute("x", extent[index][0]);
      cursor.setAttribute("width", extent[index][1]);
    }
    rows.forEach((each, place) => each.classList.toggle("shown", place === index));
    const text = (selector) => row.querySelector(selector)?.textContent ?? "";
    put(".spot", text(".from") + text(".to"));
    put(".number-of", index + 1);
    const words = row.querySelector(".words");
    put("blockquote", words.firstChild.data);
    detail.querySelector("blockquote").classList.toggle("empty", words.classList.contains("empty"));
    put(".weight", text(".weight .number") + " ");
    detail.querySelector(".weight .quiet").textContent = "rank " + row.dataset.rank;
    put(".push", text(".push .number") + " ");
    const shares = row.querySelectorAll(".parts > span");
    detail.querySelectorAll(".share").forEach((place, i) => (place.textContent = shares[i]?.textContent ?? "–"));
    detail.querySelector(".measured").textContent = text(".words .measured");
  };
  const choose = (index, follow) => {
    chosen = Math.max(0, Math.min(rows.length - 1, index));
    rows.forEach((each, place) => each.classList.toggle("chosen", place === chosen));
    show(chosen);
    if (slider) {
      slider.setAttribute("aria-valuenow", chosen + 1);
      slider.setAttribute("aria-valuetext", `${detail.querySelector(".spot").textContent}, attention ${rows[chosen].querySelector(".weight .number").textContent}: ${rows[chosen].querySelector(".words").firstChild.data}`);
    }
    const plot = timeline.querySelector(".lane svg");
    if (follow && plot && view.scrollWidth > view.clientWidth) {
      const middle = ((extent[chosen][0] + extent[chosen][1] / 2) / 1000) * plot.clientWidth;
      view.scrollLeft = middle - view.clientWidth / 2;
    }
  };
  const nearest = (event) => {
    const plot = event.target.closest(".lane")?.querySelector("svg");
    if (!plot) return null;
    const box = plot.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * 1000;
    if (at < 0 || at > 1000) return null;
    let best = 0;
    let least = Infinity;
    extent.forEach(([x, width], index) => {
      const away = Math.max(x - at, at - x - width, 0);
      if (away < least) [best, least] = [index, away];
    });
    return best;
  };
  lanes.addEventListener("pointermove", (event) => {
    const index = event.pointerType === "mouse" ? nearest(event) : null;
    if (index !== null) show(index);
  });
  lanes.addEventListener("pointerleave", () => show(chosen));
  lanes.addEventListener("click", (event) => {
    const index = nearest(event);
    if (index !== null) choose(index);
  });
  slider?.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.round(rows.length / 10));
    const moves = { ArrowLeft: chosen - 1, ArrowDown: chosen - 1, ArrowRight: chosen + 1, ArrowUp: chosen + 1, PageDown: chosen - page, PageUp: chosen + page, Home: 0, End: rows.length - 1 };
    if (!(event.key in moves)) return;
    event.preventDefault();
    choose(moves[event.key], true);
  });
  rows.forEach((row, index) => {
    row.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(index));
    row.addEventListener("pointerleave", () => show(chosen));
    row.querySelector(".when button").addEventListener("focus", () => show(index));
    row.addEventListener("click", () => choose(index, true));
  });
  for (const button of timeline.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      for (const each of timeline.querySelectorAll("[data-zoom]")) each.setAttribute("aria-pressed", String(each === button));
      lanes.style.setProperty("--zoom", button.dataset.zoom);
      choose(chosen, true);
    });
  }
  if (rows.length) choose(chosen < 0 ? 0 : chosen, false);
}

// Tick-boxes over a list. <form data-bulk> holds .pick boxes; [data-bulk-all] ticks all of them; [data-bulk-bar] shows
// while something is ticked and [data-bulk-count] says how many. Shift ticks a range. Without script the bar always shows.

let last = null;

const picks = (list) => [...list.querySelectorAll(".pick:not([data-bulk-all])")];

function refresh(list) {
  const boxes = picks(list);
  const chosen = boxes.filter((box) => box.checked).length;
  for (const all of list.querySelectorAll("[data-bulk-all]")) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  for (const bar of list.querySelectorAll("[data-bulk-bar]")) bar.hidden = chosen === 0;
  for (const count of list.querySelectorAll("[data-bulk-count]")) count.textContent = String(chosen);
}

document.addEventListener("click", (event) => {
  const box = event.target.closest(".pick");
  const list = event.target.closest("[data-bulk]");
  if (!list) return;
  if (event.target.closest("[data-bulk-clear]")) {
    for (const other of picks(list)) other.checked = false;
  } else if (box?.matches("[data-bulk-all]")) {
    for (const other of picks(list)) other.checked = box.checked;
  } else if (box && event.shiftKey && last && list.contains(last)) {
    const boxes = picks(list);
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
  } else if (!box) return;
  if (box) last = box;
  refresh(list);
});

const all = () => document.querySelectorAll("[data-bulk]").forEach(refresh);
document.addEventListener("htmx:afterSwap", all);
window.addEventListener("pageshow", all);
all();

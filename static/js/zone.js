// The Zone Editor. [data-order]: MX rows in the order of trying, moved by dragging their grip or with the arrow keys;
// the priorities follow and are saved. select[data-ttl]: the field for another number shows only when it is chosen.

const rows = (form) => [...form.querySelectorAll("tr[data-key]")];
const field = (row) => row.querySelector("input[name^=priority-]");

// The numbers that are there, lowest first, given out anew; equal ones cannot be told apart, so then in tens.
function renumber(form) {
  const order = rows(form);
  const numbers = order.map((row) => Number(field(row).value)).sort((a, b) => a - b);
  const clear = numbers.every((n, i) => Number.isInteger(n) && n >= 0 && (i === 0 || n > numbers[i - 1]));
  order.forEach((row, i) => { field(row).value = String(clear ? numbers[i] : (i + 1) * 10); });
}

let drag = null;

function start(event) {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  grip.focus();
  const row = grip.closest("tr");
  const form = grip.closest("[data-order]");
  drag = { grip, row, form, before: rows(form).map((r) => r.dataset.key).join() };
  grip.setPointerCapture(event.pointerId);
  row.classList.add("dragged");
}

function move(event) {
  if (!drag) return;
  for (const row of rows(drag.form)) {
    if (row === drag.row) continue;
    const box = row.getBoundingClientRect();
    const middle = box.top + box.height / 2;
    const later = drag.row.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING;
    if (later && event.clientY > middle) row.after(drag.row);
    else if (!later && event.clientY < middle) {
      row.before(drag.row);
      break;
    }
  }
}

function drop() {
  if (!drag) return;
  const { row, form, before } = drag;
  row.classList.remove("dragged");
  drag = null;
  if (rows(form).map((r) => r.dataset.key).join() === before) return;
  renumber(form);
  form.requestSubmit();
}

document.addEventListener("pointerdown", start);
document.addEventListener("pointermove", move);
document.addEventListener("pointerup", drop);
document.addEventListener("pointercancel", drop);

document.addEventListener("keydown", (event) => {
  const grip = event.target.closest?.("[data-grip]");
  const step = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!grip || !step) return;
  event.preventDefault();
  const button = grip.closest("tr").querySelector(`button[name=${step}]`);
  if (!button.disabled) button.click();
});

// After a swap the focus stays on the row that moved: on its other button where the same one has nowhere to go.
let held = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  held = event.detail.target?.id === "mx" ? document.activeElement?.id || "" : "";
});
document.addEventListener("htmx:afterSettle", () => {
  ready(document);
  if (!held) return;
  const same = document.getElementById(held);
  const other = document.getElementById(held.replace(/^(up|down)-/, (_all, word) => (word === "up" ? "down-" : "up-")));
  (same && !same.disabled ? same : other)?.focus();
  held = "";
});

function other(select) {
  const room = document.getElementById(`id_${select.dataset.ttl}`)?.closest(".field");
  if (room) room.hidden = select.value !== "other" && !room.classList.contains("wrong");
}
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-ttl]")) other(event.target);
});

function ready(root) {
  for (const grip of root.querySelectorAll("[data-grip][hidden]")) {
    grip.hidden = rows(grip.closest("[data-order]")).length < 2;
  }
  root.querySelectorAll("select[data-ttl]").forEach(other);
}
ready(document);

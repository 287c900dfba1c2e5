// New rows come in above what one reads: keep that where it is. At the top of the list they are simply seen to arrive.
const LIST = "deliveries";
let held = null;

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target?.id !== LIST) return;
  const rows = [...event.detail.target.rows];
  const first = rows.find((row) => row.getBoundingClientRect().bottom > 0);
  held = first && first !== rows[0] ? { row: first, top: first.getBoundingClientRect().top } : null;
});

document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target?.id !== LIST || !held?.row.isConnected) return;
  window.scrollBy({ top: held.row.getBoundingClientRect().top - held.top, behavior: "instant" });
  held = null;
});

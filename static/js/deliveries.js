// What is new in the list comes in by itself (templates/delivery/poll.html): rows that changed take the place of the
// old ones, new ones come in where they belong by their number, and those that no longer fit go. What one reads stays
// where it is. Nothing is asked while the page is not seen.
const MOST = 50;

const list = () => document.getElementById("deliveries");
const number = (row) => BigInt(row.id.slice(1));

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "delivery-poll" && document.hidden) event.preventDefault();
});

document.addEventListener("htmx:afterSwap", () => {
  const news = document.getElementById("delivery-news");
  if (!news) return;
  const body = list();
  if (body) keepingThePlace(body, () => take(body, news));
  news.remove();
});

function take(body, news) {
  const ids = new Set(news.dataset.ids.split(" "));
  for (const row of [...news.content.querySelectorAll("tr")]) put(body, row);
  const first = BigInt([...ids].at(-1));
  for (const row of [...body.rows]) {
    if (!ids.has(row.id.slice(1)) && (number(row) >= first || ids.size < MOST)) row.remove();
  }
  for (const id of ids) {
    if (!document.getElementById(`e${id}`) && body.rows.length && BigInt(id) > number(body.rows[body.rows.length - 1])) {
      window.location.reload(); // something was missed: draw it all anew
      return;
    }
  }
  trim(body, news.dataset.older);
}

function put(body, row) {
  const old = document.getElementById(row.id);
  if (!old) {
    const below = [...body.rows].find((other) => number(other) < number(row));
    body.insertBefore(row, below ?? null);
    return;
  }
  if (old.dataset.at === row.dataset.at) return;
  const [ticked, focused] = [old.querySelector(".pick")?.checked, old.contains(document.activeElement)];
  old.replaceWith(row);
  const box = row.querySelector(".pick");
  if (box && ticked) box.checked = true;
  if (focused) row.querySelector("a")?.focus({ preventScroll: true });
}

// Rows below the page that nobody sees go back behind “Older”.
function trim(body, older) {
  const link = document.querySelector(".pages [rel=next]");
  while (body.rows.length > MOST && (body.rows.length > 4 * MOST || unseen(body.rows[body.rows.length - 1]))) {
    body.rows[body.rows.length - 1].remove();
  }
  if (!link) return;
  const url = new URL(older || link.href, window.location.href);
  if (older || body.rows.length >= MOST) {
    url.searchParams.set("before", body.rows[body.rows.length - 1].id.slice(1));
    link.href = url.href;
  }
  if (older) link.hidden = false;
}

function unseen(row) {
  return row.getBoundingClientRect().top > window.innerHeight && !row.contains(document.activeElement);
}

function keepingThePlace(body, change) {
  const first = [...body.rows].find((row) => row.getBoundingClientRect().bottom > 0);
  const held = first && first !== body.rows[0] ? { id: first.id, top: first.getBoundingClientRect().top } : null;
  change();
  const now = held && document.getElementById(held.id);
  if (now) window.scrollBy({ top: now.getBoundingClientRect().top - held.top, behavior: "instant" });
}

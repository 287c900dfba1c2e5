// The word beside a new password, while it is typed; lib/passwords.py (strength) says the same. It never leaves the page.

const kinds = [[/[a-z]/, 26], [/[A-Z]/, 26], [/[0-9]/, 10], [/[^a-zA-Z0-9]/, 20]];

function strength(password) {
  const pool = kinds.reduce((sum, [kind, size]) => sum + (kind.test(password) ? size : 0), 0) || 1;
  const bits = Math.log2(pool) * Math.min(password.length, 2 * new Set(password).size);
  if (password.length < 10 || bits < 50) return "weak";
  return bits >= 75 ? "strong" : "fair";
}

document.addEventListener("input", (event) => {
  const place = event.target.dataset.strength && document.getElementById(event.target.dataset.strength);
  if (place) place.dataset.word = event.target.value ? strength(event.target.value) : "";
});

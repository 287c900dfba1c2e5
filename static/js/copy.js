// Copy buttons: <button data-copy="value" data-done="Copied" hidden>. They show themselves where the clipboard works.

function show(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}

async function copy(button) {
  const field = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
  await navigator.clipboard.writeText(field ? field.value : button.dataset.copy);
  const word = button.querySelector("span");
  const use = button.querySelector("use");
  if (button.classList.contains("done") || !word) return;
  const before = { word: word.textContent, icon: use?.getAttribute("href") };
  button.classList.add("done");
  word.textContent = button.dataset.done || before.word;
  use?.setAttribute("href", before.icon.replace(/#.*/, "#i-check"));
  setTimeout(() => {
    button.classList.remove("done");
    word.textContent = before.word;
    use?.setAttribute("href", before.icon);
  }, 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
document.addEventListener("htmx:afterSwap", (event) => show(event.target.parentNode || document));
show(document);

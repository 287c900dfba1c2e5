// Toasts from answers that swap a part of the page: header HX-Trigger: {"toast": {"text": "…", "bad": false}}.
// Messages of whole pages are drawn by the server.

document.addEventListener("toast", (event) => {
  const room = document.getElementById("toasts");
  if (!room) return;
  const toast = document.createElement("div");
  toast.className = event.detail.bad ? "note bad" : "toast";
  const text = document.createElement("span");
  text.textContent = event.detail.text ?? event.detail.value ?? "";
  toast.append(text);
  room.append(toast);
  setTimeout(() => toast.remove(), event.detail.bad ? 20000 : 6000);
});

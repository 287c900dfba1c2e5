// On a phone the tabs scroll sideways: the one that is open is brought into view.
for (const open of document.querySelectorAll(".tabs [aria-current]")) {
  const tabs = open.closest(".tabs");
  const [room, box] = [tabs.getBoundingClientRect(), open.getBoundingClientRect()];
  if (box.right > room.right) tabs.scrollLeft += box.left - room.left - (room.width - box.width) / 2;
}

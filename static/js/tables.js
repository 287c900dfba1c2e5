// Safari forgets that a table is one when its rows are laid out as blocks (narrow windows): say so again.

const roles = [["table.rows", "table"], [".rows thead, .rows tbody", "rowgroup"], [".rows tr", "row"],
  [".rows thead th", "columnheader"], [".rows tbody th", "rowheader"], [".rows td", "cell"]];

function name() {
  for (const [selector, role] of roles) {
    for (const element of document.querySelectorAll(selector)) {
      if (!element.hasAttribute("role")) element.setAttribute("role", role);
    }
  }
}

document.addEventListener("htmx:afterSwap", name);
name();

// "Has it worked?" asks the server only while somebody can see the answer.

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "connect-watch" && document.hidden) event.preventDefault();
});

// The rule builder: shows of each row only what fits what is chosen in it. Without this, all is there.
const SIZES = ["over", "under"];
const THERE = ["yes", "no"];
const TEXTS = ["contains", "lacks", "is", "begins", "ends"];
const FITTING = {
  from: TEXTS, to: TEXTS, subject: TEXTS, list: ["contains", "lacks", ...THERE],
  size: SIZES, attachment: THERE, spam: THERE,
};

function control(row, name) {
  return row.querySelector(`[name$="-${name}"]`);
}

function show(element, wanted) {
  const field = element.closest(".field");
  if (field) field.hidden = !wanted;
}

function condition(row) {
  const field = control(row, "field").value;
  const operator = control(row, "operator");
  const fitting = FITTING[field] ?? [];
  for (const option of operator.options) option.hidden = option.disabled = !fitting.includes(option.value);
  if (fitting.length && !fitting.includes(operator.value)) operator.value = fitting[0];
  show(operator, fitting.length > 0);
  show(control(row, "value"), fitting.length > 0 && !THERE.includes(operator.value));
}

function action(row) {
  const doing = control(row, "do").value;
  const filed = doing === "folder" || doing === "copy";
  const folder = control(row, "folder");
  show(folder, filed);
  show(control(row, "value"), (filed && folder.value === "") || doing === "forward" || doing === "refuse");
}

for (const form of document.querySelectorAll("[data-filter]")) {
  const fit = () => {
    for (const row of form.querySelectorAll("[data-condition]")) condition(row);
    for (const row of form.querySelectorAll("[data-action]")) action(row);
  };
  form.addEventListener("change", fit);
  fit();
}

// A search field over each select of municipalities. The select stays what is sent.
"use strict";

const words = document.getElementById("search-words").dataset;

function searchOver(select) {
  const described = select.getAttribute("aria-describedby") || "";
  const invalid = select.getAttribute("aria-invalid");
  const id = select.id;
  const options = Array.from(select.options).filter((option) => option.value);
  const names = options.map((option) => option.text);
  const choose = (name) => {
    // What was typed and is no name chooses nothing, so that the server asks for it.
    const found = options.find((option) => option.text.toLocaleLowerCase("da") === (name || "").trim().toLocaleLowerCase("da"));
    select.value = found ? found.value : "";
  };
  accessibleAutocomplete.enhanceSelectElement({
    selectElement: select,
    source: (typed, show) => {
      const wanted = typed.trim().toLocaleLowerCase("da");
      const begin = names.filter((name) => name.toLocaleLowerCase("da").startsWith(wanted));
      const within = names.filter((name) => !begin.includes(name) && name.toLocaleLowerCase("da").includes(wanted));
      show(names.includes(typed) ? names : [...begin, ...within]);
    },
    defaultValue: select.value ? select.selectedOptions[0].text : "",
    showAllValues: true,
    autoselect: false,
    confirmOnBlur: false,
    inputClasses: "form-input",
    dropdownArrow: () => "",
    onConfirm: (name) => name && choose(name),
    tNoResults: () => words.none,
    tStatusNoResults: () => words.none,
    tStatusQueryTooShort: () => words.how,
    tStatusResults: (count) => words.found.replace("{n}", String(count)),
    tStatusSelectedOption: (name, count, index) =>
      words.chosen.replace("{name}", name).replace("{n}", String(index + 1)).replace("{all}", String(count)),
    tAssistiveHint: () => words.how,
  });
  const input = document.getElementById(id);
  if (invalid) input.setAttribute("aria-invalid", invalid);
  if (described) input.setAttribute("aria-describedby", `${described} ${input.getAttribute("aria-describedby") || ""}`.trim());
  input.addEventListener("blur", () => choose(input.value));
  input.form.addEventListener("submit", () => choose(input.value));
}

for (const select of document.querySelectorAll("select[data-search]")) searchOver(select);

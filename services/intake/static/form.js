// What makes the form a little easier to fill in. Everything works without it.
"use strict";

const COUNT_AFTER_MS = 1000; // a screen reader must not be told at every key
const SENT_AGAIN_AFTER_MS = 10000;

function countCharacters(area) {
  const most = Number(area.dataset.charactersMax);
  const left = document.getElementById(`${area.id}-left`);
  let timer = 0;
  const tell = () => {
    // As the server counts: line breaks once, letters outside the basic plane once.
    const rest = most - Array.from(area.value.trim()).length;
    const text = rest < 0 ? left.dataset.over : left.dataset.left;
    left.textContent = text.replace("{n}", String(Math.abs(rest)));
  };
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(tell, COUNT_AFTER_MS);
  });
  if (area.value) tell();
}

function guardAgainstDoubleClick(form) {
  let sentAt = -Infinity;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < SENT_AGAIN_AFTER_MS) event.preventDefault();
    else sentAt = event.timeStamp;
  });
  // Back from the next page: the browser may show this one as it was left.
  window.addEventListener("pageshow", () => {
    sentAt = -Infinity;
  });
}

for (const area of document.querySelectorAll("textarea[data-characters-max]")) countCharacters(area);
for (const form of document.querySelectorAll("form#step-form")) guardAgainstDoubleClick(form);
// What is wrong, or why nothing was sent, is read out first, unless the address leads to a field.
for (const id of ["notice", "faults", "remaining"]) {
  const told = document.getElementById(id);
  if (told && !location.hash) {
    told.focus();
    break;
  }
}

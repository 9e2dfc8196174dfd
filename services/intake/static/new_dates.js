// Looks whether there is an answer, so that nobody has to load the page again. Everything works without it.
"use strict";

const LOOK_EVERY_MS = 2000;
const LOOK_FOR_MS = 180000;

const dates = document.getElementById("dates");
const stage = document.getElementById("faults") || document.getElementById("stage");
if (stage && sessionStorage.getItem("dates-waited") === location.pathname) stage.focus();
sessionStorage.removeItem("dates-waited");

async function look() {
  const answer = await fetch(dates.dataset.address, { headers: { Accept: "application/json" } });
  // The page was closed, or the link renewed: what is shown stays, and the link on it says what to do.
  if (!answer.ok) return true;
  const { mark } = await answer.json();
  if (mark === dates.dataset.mark) return false;
  sessionStorage.setItem("dates-waited", location.pathname);
  location.reload();
  return true;
}

async function wait() {
  const end = Date.now() + LOOK_FOR_MS;
  while (Date.now() < end) {
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    // Away for a moment is no reason to give up.
    if (await look().catch(() => false)) return;
  }
}

if ("waits" in dates.dataset) wait();

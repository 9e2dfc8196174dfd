// The live page: shows events as they pass, the services' health and how far each of them is behind.
"use strict";

const ROWS_MAX = 300;
const HELD_MAX = 1000;
const SILENCE_MS = 15000;
const RETRY_MS = 4000;
const FRESH_MS = 1500;
const TOPICS_SHOWN_MIN = 3; // who reads more topics shows only those in which something waits
const ZONE = "Europe/Copenhagen";

const TOPICS = {
  "forloeb.applications": "Ansøgninger",
  "forloeb.courses": "Forløb",
  "forloeb.consultants": "Konsulenter",
  "forloeb.messages": "Beskeder",
  "forloeb.audit": "Medarbejdere",
  "forloeb.dead-letters": "Fejlede",
};
const TYPES = {
  ApplicationSubmitted: "Ansøgning modtaget",
  ApplicationAdmitted: "Ansøgning imødekommet",
  ApplicationDeclined: "Ansøgning ikke imødekommet",
  ApplicationWithdrawn: "Ansøgning trukket tilbage",
  LinkIssued: "Nyt link lavet",
  ContactChanged: "Kontaktperson ændret",
  InvitationAnswered: "Svar fra kalender",
  AnswerHeld: "Svar venter på bekræftelse",
  NewDatesRequested: "Andre tidspunkter ønsket",
  MailReturned: "Rapport om en e-mail",
  CourseBooked: "Forløb booket",
  CourseRebooked: "Forløb ombooket",
  CourseStalled: "Forløb går ikke op",
  AnswerNoted: "Svar noteret",
  DatesOffered: "Tidspunkter tilbudt",
  CounterDeclined: "Forslag ikke muligt",
  CourseCancelled: "Forløb aflyst",
  CourseCompleted: "Forløb afsluttet",
  ApplicationWaitlisted: "På venteliste",
  ConsultantRegistered: "Konsulent oprettet",
  ConsultantChanged: "Konsulent ændret",
  MessageSent: "E-mail sendt",
  MessageFailed: "E-mail kunne ikke sendes",
  MessageBounced: "E-mail kom tilbage",
  StaffActed: "Ændret af medarbejder",
};
const KINDS = {
  single: "enkelt",
  joint: "fælles",
  receipt: "kvittering",
  waiting_list: "venteliste",
  course_booked: "besked om forløb",
  course_changed: "besked om ændring",
  course_left: "besked til tidligere konsulent",
  course_cancelled: "besked om aflyst forløb",
  course_stalled: "besked om usikkert møde",
  stall_report: "besked til koordinator",
  invite: "mødeindkaldelse",
  cancellation: "aflysning",
  counter_declined: "svar på forslag",
  confirm_answer: "spørgsmål om svar",
  withdrawn: "trukket tilbage",
  declined: "afslag",
  new_link: "nyt link",
  homework: "hjemmeopgave",
  briefing: "forberedelse til konsulent",
  reminder: "påmindelse",
  trial_check: "spørgsmål til prøvehandling",
  materials: "materialer",
  evaluation: "evaluering",
  address_wanted: "spørgsmål om ny adresse",
  address_changed: "besked til den tidligere adresse",
  address_report: "besked til koordinator om adresse",
};
const REASONS = {
  mailbox_full: "postkassen er fuld",
  mailbox_disabled: "postkassen er lukket",
  no_such_recipient: "adressen findes ikke",
  no_such_host: "domænet findes ikke",
  too_large: "for stor",
  policy: "modtagerens regler",
  refused: "afvist",
  gave_up: "modtagerens mailserver gav op",
  returned: "uden nærmere grund",
  suppressed: "adressen tager ikke imod mails",
  too_late: "ville komme for sent",
};
const ACTIONS = { failed: "kunne ikke afleveres", delayed: "er forsinket" };
const SERVICES = {
  intake: ["Modtagelse", "tager imod ansøgninger"],
  scheduler: ["Planlægning", "booker forløb og møder"],
  notifier: ["Udsendelse", "sender mails og indkaldelser"],
  monitor: ["Overvågning", "denne side"],
};
const STATES = { ready: "Klar", waiting: "Venter", away: "Svarer ikke", unknown: "Ukendt" };
const FACTS = [
  ["Tid", (event) => longTime(event.timestamp)],
  ["Emne", (event) => TOPICS[event.topic] || event.topic],
  ["Type", (event) => event.type],
  ["Referencenummer", (event) => event.reference],
  ["Ansøgning", (event) => event.application_id],
  ["Vedrører", (event) => event.subject],
  ["Nr. i rækken", (event) => event.sequence],
  ["Kan ikke læses", (event) => event.fault],
  ["Årsag", (event) => event.facts.reason],
  ["Oprindelse", (event) => event.facts.topic && `${event.facts.topic} / ${event.facts.partition} / ${event.facts.offset}`],
  ["Opgivet af", (event) => event.facts.group && `${event.facts.group} efter ${event.facts.attempts} forsøg`],
  ["Plads", (event) => `${event.topic} / ${event.partition} / ${event.offset}`],
  ["Hændelses-id", (event) => event.ce_id],
  ["Størrelse", (event) => `${event.size_bytes.toLocaleString("da-DK")} byte`],
];

const at = (id) => document.getElementById(id);
const clock = new Intl.DateTimeFormat("da-DK", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit" });
const calendar = new Intl.DateTimeFormat("da-DK", { timeZone: ZONE, dateStyle: "long", timeStyle: "medium" });

const known = new Map(); // event id -> its row in the table
const events = new WeakMap(); // row -> event
const held = []; // what came during a pause
let services = [];
let groups = [];
let lagFault = "";
let filter = readFilter();
let last = null; // number of the newest event that we have
let source = null;
let opening = 0; // counts the connections, so that answers for an old one are thrown away
let silence = 0;
let paused = false;
let live = false;

// -- small helpers ----------------------------------------------------------------------------------------------------

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function longTime(milliseconds) {
  return milliseconds > 0 && milliseconds < 8.64e15 ? calendar.format(milliseconds) : null;
}

function shortTime(milliseconds) {
  return milliseconds > 0 && milliseconds < 8.64e15 ? clock.format(milliseconds) : "–";
}

function age(seconds) {
  const whole = Math.floor(seconds);
  const [minutes, hours, days] = [60, 3600, 86400].map((unit) => Math.floor(whole / unit));
  // Joined by spaces at which no line is broken.
  if (minutes < 1) return `${whole}\u00a0s`;
  if (minutes < 10) return `${minutes}\u00a0min\u00a0${whole % 60}\u00a0s`;
  if (hours < 1) return `${minutes}\u00a0min`;
  if (days < 1) return `${hours}\u00a0t\u00a0${minutes % 60}\u00a0min`;
  return `${days}\u00a0d\u00a0${hours % 24}\u00a0t`;
}

function shortened(id) {
  return id && id.length > 13 ? `…${id.slice(-8)}` : id || "–";
}

// -- filter, kept in the address --------------------------------------------------------------------------------------

function readFilter() {
  const asked = new URLSearchParams(location.search);
  const topic = asked.get("topic") || "";
  return { topic: topic in TOPICS ? topic : "", reference: (asked.get("reference") || "").trim().toUpperCase() };
}

function filterQuery() {
  return new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
}

function showFilter() {
  at("topic").value = filter.topic;
  at("reference").value = filter.reference;
}

function setFilter(topic, reference) {
  const wanted = { topic, reference: reference.trim().toUpperCase() };
  if (wanted.topic !== filter.topic || wanted.reference !== filter.reference) {
    filter = wanted;
    const query = filterQuery().toString();
    history.pushState(null, "", query ? `?${query}` : location.pathname);
  }
  showFilter();
  begin();
}

// -- the connection ---------------------------------------------------------------------------------------------------

function tellConnection() {
  const pill = at("connection");
  const [state, text] = !live ? ["lost", "Forbindelsen er væk, prøver igen"] : paused ? ["paused", "På pause"] : ["live", "Følger med"];
  if (pill.textContent !== text) {
    pill.textContent = text;
    pill.dataset.state = state;
  }
}

async function begin() {
  const mine = ++opening;
  stop();
  held.length = 0;
  try {
    const answer = await fetch(`api/v1/events?${filterQuery()}`);
    if (answer.status === 401) {
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    if (mine !== opening) return;
    clearRows();
    told.events.forEach((event) => addRow(event, false));
    last = told.last;
    tellTally();
    open(mine);
  } catch {
    if (mine !== opening) return;
    live = false;
    tellConnection();
    setTimeout(() => mine === opening && begin(), RETRY_MS);
  }
}

function open(mine) {
  stop();
  const query = filterQuery();
  query.set("after", String(last));
  source = new EventSource(`api/v1/stream?${query}`);
  const on = (name, take) =>
    source.addEventListener(name, (message) => {
      if (mine !== opening) return;
      heard(mine);
      take(JSON.parse(message.data));
    });
  source.addEventListener("open", () => mine === opening && heard(mine));
  source.addEventListener("error", () => {
    if (mine !== opening) return;
    live = false;
    tellConnection();
    // The browser comes back by itself, except after a refusal.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => mine === opening && begin(), RETRY_MS);
  });
  on("seen", take);
  on("lag", (told) => {
    groups = told.groups || groups;
    lagFault = told.groups ? "" : told.fault;
    showServices();
  });
  on("services", (told) => {
    services = told.services;
    showServices();
  });
}

function heard(mine) {
  live = true;
  tellConnection();
  clearTimeout(silence);
  // A connection can die without anybody being told.
  silence = setTimeout(() => mine === opening && open(mine), SILENCE_MS);
}

function stop() {
  clearTimeout(silence);
  if (source) source.close();
  source = null;
}

// -- events -----------------------------------------------------------------------------------------------------------

function take(event) {
  last = Math.max(last || 0, event.number);
  if (paused) {
    held.push(event);
    if (held.length > HELD_MAX) held.shift();
  } else {
    addRow(event, true);
  }
  tellTally();
}

function tellTally() {
  const shown = known.size;
  const what = filter.topic || filter.reference ? "hændelser passer til filteret" : "seneste hændelser";
  const waiting = paused && held.length ? ` ${held.length} nye venter, til pausen slutter.` : "";
  at("tally").textContent = `Viser ${shown} ${what}.${waiting}`;
  at("empty").hidden = shown > 0;
  at("empty").textContent =
    filter.topic || filter.reference ? "Ingen hændelser passer til filteret endnu." : "Her er ingen hændelser endnu. De kommer af sig selv.";
}

function clearRows() {
  known.clear();
  at("rows").replaceChildren();
}

function typeName(event) {
  const name = (event.type || "").split(".").at(-2) || "";
  return TYPES[name] || name;
}

function title(event) {
  if (event.topic === "forloeb.dead-letters") return typeName(event) ? `Opgivet: ${typeName(event)}` : "Opgivet";
  return typeName(event) || "Ukendt indhold";
}

function detail(event) {
  const facts = event.facts;
  if (event.topic === "forloeb.dead-letters") return [facts.group, facts.reason].filter(Boolean).join(" · ");
  const parts = [KINDS[facts.kind] || facts.kind];
  if (facts.meetings) parts.push(`${facts.meetings} ${facts.meetings === 1 ? "møde" : "møder"}`);
  if (facts.action) parts.push(ACTIONS[facts.action] || facts.action);
  if (facts.reason && facts.state !== "accepted") parts.push(REASONS[facts.reason] || facts.reason);
  const code = [facts.code, facts.enhanced_code].filter(Boolean).join(" ");
  if (code && facts.state !== "accepted") parts.push(`svar ${code}`);
  if (facts.attempts > 1) parts.push(`${facts.attempts} forsøg`);
  return parts.filter(Boolean).join(" · ");
}

function cell(row, content, className) {
  const made = row.insertCell();
  if (className) made.className = className;
  if (content instanceof Node) made.append(content);
  else made.textContent = content;
  return made;
}

function addRow(event, isNew) {
  if (known.has(event.id)) return;
  const body = at("rows");
  const row = body.insertRow(0);
  row.dataset.topic = event.topic;
  const time = element("time", shortTime(event.timestamp));
  if (longTime(event.timestamp)) time.dateTime = new Date(event.timestamp).toISOString();
  cell(row, time);
  cell(row, element("span", TOPICS[event.topic] || event.topic, "topic"));
  const button = element("button", title(event));
  button.type = "button";
  button.tabIndex = -1;
  const what = cell(row, button);
  const more = detail(event);
  if (more) what.append(element("span", more, "what"));
  if (event.fault && event.fault !== event.facts.reason) what.append(element("span", `kan ikke læses: ${event.fault}`, "what fault"));
  what.append(element("span", TOPICS[event.topic] || event.topic, "topic small"));
  cell(row, event.reference || "–", "code");
  cell(row, shortened(event.subject), "code").title = event.subject || "";
  cell(row, event.sequence === null ? "–" : String(event.sequence), "number");
  events.set(row, event);
  known.set(event.id, row);
  if (isNew) {
    row.classList.add("fresh");
    setTimeout(() => row.classList.remove("fresh"), FRESH_MS);
  }
  while (known.size > ROWS_MAX) dropOldest(body);
  keepOneStop(body);
}

function dropOldest(body) {
  // The row that somebody reads stays; the one above it goes instead.
  const rows = [...body.rows].reverse();
  const row = rows.find((candidate) => !candidate.contains(document.activeElement));
  known.delete(events.get(row).id);
  row.remove();
}

// One stop for the Tab key in the whole table: the event that has the focus, else the newest. The arrow keys go on from there.
function keepOneStop(body) {
  if (body.contains(document.activeElement)) return;
  makeStop(body.querySelector("button"));
}

function makeStop(button) {
  at("rows").querySelectorAll('button[tabindex="0"]').forEach((other) => (other.tabIndex = -1));
  if (button) button.tabIndex = 0;
}

function moveTo(row) {
  const button = row && row.querySelector("button");
  if (button) button.focus();
}

function onKey(key) {
  const row = key.target.closest("tr");
  const body = at("rows");
  const goals = {
    ArrowDown: () => row.nextElementSibling,
    ArrowUp: () => row.previousElementSibling,
    Home: () => body.firstElementChild,
    End: () => body.lastElementChild,
  };
  if (!row || !(key.key in goals) || key.ctrlKey || key.altKey || key.metaKey) return;
  key.preventDefault();
  moveTo(goals[key.key]());
}

// -- one event --------------------------------------------------------------------------------------------------------

async function showDetails(row) {
  const event = events.get(row);
  if (!event) return;
  at("details-heading").textContent = title(event);
  const list = at("facts");
  list.replaceChildren();
  FACTS.map(([name, read]) => [name, read(event)])
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .forEach(([name, value]) => list.append(element("dt", name), element("dd", String(value))));
  const body = at("body");
  body.textContent = "Henter …";
  at("details").showModal();
  at("details-heading").focus();
  try {
    const answer = await fetch(`api/v1/events/${event.id}`);
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    body.replaceChildren();
    if (told.body === null) body.textContent = "Indholdet vises ikke, fordi det ikke er en hændelse, vi kender.";
    else writeValue(body, told.body, "");
  } catch {
    body.textContent = "Indholdet kan ikke hentes lige nu.";
  }
}

function writeValue(into, value, indent) {
  if (value !== null && typeof value === "object" && "sealed" in value) {
    into.append(element("span", "forseglet", "sealed"), ` (${value.sealed})`);
  } else if (value !== null && typeof value === "object" && value.hidden === true) {
    into.append(element("span", "skjult", "sealed"));
  } else if (Array.isArray(value)) {
    writeMembers(into, value.map((part) => ["", part]), "[", "]", indent);
  } else if (value !== null && typeof value === "object") {
    writeMembers(into, Object.entries(value), "{", "}", indent);
  } else {
    into.append(JSON.stringify(value));
  }
}

function writeMembers(into, members, opener, closer, indent) {
  into.append(opener);
  members.forEach(([name, part], place) => {
    into.append(`${place ? "," : ""}\n${indent}  ${name ? `${name}: ` : ""}`);
    writeValue(into, part, `${indent}  `);
  });
  into.append(members.length ? `\n${indent}${closer}` : closer);
}

// -- services and lag -------------------------------------------------------------------------------------------------

function showServices() {
  const names = Object.keys(SERVICES);
  const told = new Map(services.map((service) => [service.name, service]));
  const lags = new Map(groups.map((group) => [group.group, group]));
  const others = [...told.keys(), ...lags.keys()].filter((name) => !names.includes(name));
  at("services").replaceChildren(
    ...names.concat([...new Set(others)]).map((name) => card(name, told.get(name), lags.get(name))),
  );
  const note = at("services-note");
  note.hidden = !lagFault;
  note.textContent = lagFault ? "Køen kan ikke aflæses lige nu; tallene er fra sidste gang." : "";
}

function card(name, service, group) {
  const [label, purpose] = SERVICES[name] || [name, ""];
  const state = service ? service.state : "unknown";
  const made = element("li");
  made.dataset.state = state;
  made.dataset.service = name;
  const head = element("div", null, "card-head");
  const pill = element("span", stateText(service), "pill");
  pill.dataset.state = state;
  head.append(element("h3", label), pill);
  made.append(head, element("p", purpose ? `${name}: ${purpose}` : name, "purpose"));
  if (group) made.append(...lagParts(made, group));
  return made;
}

function stateText(service) {
  if (!service) return STATES.unknown;
  const missing = Object.entries(service.checks).filter(([, state]) => state !== "ok").map(([name]) => name);
  return service.state === "waiting" && missing.length ? `Venter på ${missing.join(", ")}` : STATES[service.state];
}

function lagParts(made, group) {
  if (group.records > 0) made.classList.add("behind");
  const lag = element("p", null, "lag");
  lag.append(element("strong", group.records.toLocaleString("da-DK")), element("span", "venter"));
  const oldest = element("p", null, "oldest");
  if (group.oldest_seconds !== null) oldest.textContent = `Ældste ubehandlede: ${age(group.oldest_seconds)}`;
  else oldest.textContent = group.records > 0 ? "Ældste ubehandlede: ukendt" : "Alt er behandlet";
  const rows = group.topics.filter((topic) => topic.records > 0 || group.topics.length < TOPICS_SHOWN_MIN);
  if (rows.length === 0) return [lag, oldest];
  const table = element("table", null, "topics");
  table.setAttribute("aria-label", "Kø pr. emne");
  rows.forEach((topic) => {
    const row = table.insertRow();
    if (topic.records > 0) row.dataset.behind = "";
    const name = element("th", TOPICS[topic.topic] || topic.topic);
    name.scope = "row";
    row.append(name);
    cell(row, topic.records.toLocaleString("da-DK"));
    cell(row, topic.oldest_seconds === null ? "–" : age(topic.oldest_seconds));
  });
  return [lag, oldest, table];
}

// -- start ------------------------------------------------------------------------------------------------------------

at("filter").addEventListener("submit", (submit) => {
  submit.preventDefault();
  setFilter(at("topic").value, at("reference").value);
});
at("topic").addEventListener("change", () => setFilter(at("topic").value, at("reference").value));
at("clear").addEventListener("click", () => setFilter("", ""));
at("pause").addEventListener("click", () => {
  paused = !paused;
  at("pause").setAttribute("aria-pressed", String(paused));
  if (!paused) held.splice(0).forEach((event) => addRow(event, true));
  tellConnection();
  tellTally();
});
at("rows").addEventListener("click", (click) => {
  const row = click.target.closest("tr");
  if (row) {
    moveTo(row);
    showDetails(row);
  }
});
at("rows").addEventListener("keydown", onKey);
at("rows").addEventListener("focusin", (focus) => makeStop(focus.target));
at("close").addEventListener("click", () => at("details").close());
window.addEventListener("popstate", () => {
  filter = readFilter();
  showFilter();
  begin();
});

showFilter();
showServices();
begin();

// Reads a JSON array of calendar objects from standard input and prints what ical.js and node-ical understood of each, as JSON.
import ICAL from "ical.js";
import nodeIcal from "node-ical";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const objects = JSON.parse(Buffer.concat(chunks).toString("utf8"));

const address = (property) => property && property.getFirstValue();
const instant = (time) => new Date(time.toUnixTime() * 1000).toISOString();

const withIcalJs = (text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(new ICAL.Timezone(zone), zone.getFirstPropertyValue("tzid"));
  }
  const understood = calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
      method: calendar.getFirstPropertyValue("method"),
      uid: event.uid,
      sequence: event.sequence,
      start: instant(event.startDate),
      end: instant(event.endDate),
      organizer: event.organizer,
      attendees: component.getAllProperties("attendee").map(address),
      summary: event.summary,
      status: component.getFirstPropertyValue("status"),
      properties: component.getAllProperties().map((property) => property.name.toUpperCase()),
    };
  });
  ICAL.TimezoneService.reset();
  return understood;
};

// A property without parameters comes as its value, one with parameters as {params, val}; several of a kind as an array.
const value = (property) => (property && typeof property === "object" && "val" in property ? property.val : property);
const list = (property) => (property === undefined ? [] : [property].flat().map(value));

const withNodeIcal = (text) => {
  const calendar = nodeIcal.sync.parseICS(text);
  return Object.values(calendar)
    .filter((component) => component.type === "VEVENT")
    .map((event) => ({
      method: calendar.vcalendar?.method ?? event.method,
      uid: event.uid,
      sequence: Number(event.sequence),
      start: event.start.toISOString(),
      end: event.end.toISOString(),
      organizer: value(event.organizer) ?? null,
      attendees: list(event.attendee),
      summary: value(event.summary),
      status: event.status ?? null,
    }));
};

process.stdout.write(
  JSON.stringify(objects.map((text) => ({ "ical.js": withIcalJs(text), "node-ical": withNodeIcal(text) }))),
);

// Reads a JSON array of calendar objects from standard input and prints what ical.js understood of each, as JSON.
import ICAL from "ical.js";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const objects = JSON.parse(Buffer.concat(chunks).toString("utf8"));

const address = (property) => property && property.getFirstValue();
const instant = (time) => new Date(time.toUnixTime() * 1000).toISOString();

const read = (text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(new ICAL.Timezone(zone), zone.getFirstPropertyValue("tzid"));
  }
  const component = calendar.getFirstSubcomponent("vevent");
  const event = new ICAL.Event(component);
  const attendees = component.getAllProperties("attendee");
  const understood = {
    method: calendar.getFirstPropertyValue("method"),
    uid: event.uid,
    sequence: event.sequence,
    start: instant(event.startDate),
    end: instant(event.endDate),
    organizer: event.organizer,
    attendees: attendees.map(address),
    summary: event.summary,
    status: component.getFirstPropertyValue("status"),
    properties: component.getAllProperties().map((property) => property.name.toUpperCase()),
  };
  ICAL.TimezoneService.reset();
  return understood;
};

process.stdout.write(JSON.stringify(objects.map(read)));

"""The texts of all faults of the form, by code: Danish and English, each saying what to do. Gaps hold our own limits."""

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # What a single field looks like.
    "missing": ("Feltet mangler. Udfyld det.", "This field is missing. Fill it in."),
    "empty": ("Udfyld feltet.", "Fill in this field."),
    "text": ("Skriv tekst her.", "Write text here."),
    "number": ("Skriv et helt tal.", "Write a whole number."),
    "yes_or_no": ("Svar ja eller nej (true eller false).", "Answer yes or no (true or false)."),
    "list": ("Her skal stå en liste.", "This must be a list."),
    "object": ("Her skal stå en gruppe af felter.", "This must be a group of fields."),
    "choice": ("Vælg en af mulighederne.", "Choose one of the options."),
    "json": ("Indholdet er ikke gyldig JSON i UTF-8.", "The content is not valid JSON in UTF-8."),
    "unknown_field": (
        "Her står et felt, som vi ikke kender. Fjern det, eller ret dets navn.",
        "There is a field here that we do not know. Remove it, or correct its name.",
    ),
    "invalid": ("Ret feltet, så det passer til eksemplet.", "Correct this field so that it fits the example."),
    "too_short": ("Skriv mindst {least} tegn.", "Write at least {least} characters."),
    "too_long": ("Skriv højst {most} tegn.", "Write at most {most} characters."),
    "too_few": ("Angiv mindst {least}.", "Give at least {least}."),
    "too_many": ("Angiv højst {most}.", "Give at most {most}."),
    "too_low": ("Tallet skal være mindst {least}.", "The number must be at least {least}."),
    "too_high": ("Tallet må højst være {most}.", "The number must be at most {most}."),
    "control_characters": (
        "Teksten indeholder usynlige tegn, som vi ikke kan tage imod. Skriv den igen uden linjeskift og tabulatorer.",
        "The text holds invisible characters that we cannot accept. Write it again without line breaks and tabs.",
    ),
    "cpr": (
        "Det ligner et CPR-nummer. Fjern det: vi har ikke brug for det og må ikke gemme det.",
        "This looks like a Danish CPR number. Remove it: we do not need it and must not store it.",
    ),
    "email": (
        "Skriv én mailadresse, fx navn@kommune.dk.",
        "Write one e-mail address, e.g. navn@kommune.dk.",
    ),
    "phone": (
        "Skriv et telefonnummer med 8 cifre, eller begynd med + og landekoden.",
        "Write a phone number of 8 digits, or begin with + and the country code.",
    ),
    "postal_code": ("Skriv postnummeret med 4 cifre.", "Write the postal code with 4 digits."),
    "date": ("Skriv en dato som ÅÅÅÅ-MM-DD, fx 2027-01-18.", "Write a date as YYYY-MM-DD, e.g. 2027-01-18."),
    "clock": ("Skriv klokkeslættet som TT:MM, fx 09:00.", "Write the time as HH:MM, e.g. 09:00."),
    "iso_week": ("Skriv ugen som ÅÅÅÅ-Wuu, fx 2027-W07.", "Write the week as YYYY-Www, e.g. 2027-W07."),
    # The same, where the public form asks in another way than the endpoint.
    "written_date": (
        "Skriv datoen som dag-måned-år, fx 18-01-2027.",
        "Write the date as day-month-year, e.g. 18-01-2027.",
    ),
    "written_clock": ("Skriv klokkeslættet, fx 9.00.", "Write the time, e.g. 9.00."),
    "week_numbers": (
        "Skriv numre på uger, der kommer inden for det næste år, fx 7, 8 og 42.",
        "Write numbers of weeks that come within the next year, e.g. 7, 8 and 42.",
    ),
    "no_theme": ("Vælg mindst ét tema.", "Choose at least one theme."),
    # What the rules ask for.
    "kind_not_offered": ("Denne type forløb udbydes ikke.", "This kind of course is not offered."),
    "format_not_offered": (
        "Sådan holdes denne type forløb ikke. Vælg en anden måde, eller lad feltet være tomt.",
        "This kind of course is not held that way. Choose another way, or leave this field empty.",
    ),
    "committee_unknown": ("Vælg et udvalg fra listen.", "Choose a committee from the list."),
    "committee_not_for_kind": (
        "Dette udvalg kan ikke søge om denne type forløb. Vælg et andet udvalg eller en anden type.",
        "This committee cannot apply for this kind of course. Choose another committee or another kind.",
    ),
    "municipality_unknown": (
        "Vælg en kommune. Koden har tre cifre, fx 329.",
        "Choose a municipality. The code has three digits, e.g. 329.",
    ),
    "one_municipality": (
        "Et forløb for én arbejdsplads hører til én kommune.",
        "A course for one workplace belongs to one municipality.",
    ),
    "municipality_not_listed": (
        "Arbejdspladsens kommune skal også stå blandt ansøgningens kommuner.",
        "The workplace's municipality must also be among the municipalities of the application.",
    ),
    "municipality_without_workplace": (
        "Ingen af arbejdspladserne ligger i denne kommune. Fjern den, eller tilføj en arbejdsplads.",
        "None of the workplaces lies in this municipality. Remove it, or add a workplace.",
    ),
    "listed_twice": ("Dette står to gange. Fjern det ene.", "This is listed twice. Remove one."),
    "one_workplace": (
        "Skriv én arbejdsplads, eller søg om et fællesforløb.",
        "Give one workplace, or apply for a joint course.",
    ),
    "several_workplaces": (
        "Et fællesforløb skal have mindst to arbejdspladser.",
        "A joint course needs at least two workplaces.",
    ),
    "committees_expected_missing": (
        "Skriv, hvor mange TRIO'er eller MED-udvalg I regner med deltager.",
        "Write how many TRIOs or MED committees you expect to take part.",
    ),
    "committees_expected_only_joint": (
        "Antal udvalg skal kun stå ved et fællesforløb. Lad feltet være tomt.",
        "The number of committees is for joint courses only. Leave this field empty.",
    ),
    "sector_unknown": ("Vælg et brancheområde fra listen.", "Choose a sector from the list."),
    "theme_unknown": ("Vælg temaer fra listen.", "Choose themes from the list."),
    "more_participants_than_employees": (
        "Der kan ikke være flere deltagere end medarbejdere.",
        "There cannot be more participants than employees.",
    ),
    "start_in_the_past": ("Vælg en dato, der ikke er passeret.", "Choose a date that has not passed."),
    "start_too_late": (
        "I skal kunne begynde senest den {last_da}. Søg igen senere, hvis I først kan begynde efter den dag.",
        "You must be able to start by {last_en}. Apply again later if you can only start after that day.",
    ),
    "same_address": (
        "To kontaktpersoner har samme mailadresse. Skriv hver persons egen.",
        "Two contacts have the same e-mail address. Give each person's own.",
    ),
    "same_person": (
        "Lederen og medarbejderrepræsentanten skal være to forskellige personer. Hedder de det samme, så tilføj et mellemnavn.",
        "The leader and the employee representative must be two different people. If they share a name, add a middle name.",
    ),
    "not_agreed": (
        "I skal være enige i TRIO eller MED-udvalg om at søge.",
        "Your TRIO or MED committee must agree on applying.",
    ),
    "no_evaluation": (
        "I skal afsætte tid til forløbet og deltage i evalueringen.",
        "You must set aside time for the course and take part in the evaluation.",
    ),
    "privacy_not_read": (
        "Læs, hvordan vi behandler personoplysninger, og sæt kryds.",
        "Read how we handle personal data, and tick the box.",
    ),
    "no_weekday_left": (
        "Mindst én ugedag fra mandag til fredag skal være mulig.",
        "At least one weekday from Monday to Friday must be possible.",
    ),
    "no_room_left": (
        "Der skal være en ugedag med plads til et møde på {hours} timer. Fjern nogle af de tidspunkter, hvor I ikke kan mødes.",
        "One weekday must have room for a meeting of {hours} hours. Remove some of the hours when you cannot meet.",
    ),
    "end_before_start": ("Slut skal ligge efter start.", "The end must be after the start."),
    "times_in_pairs": (
        "Skriv både start- og sluttidspunkt, eller ingen af dem.",
        "Give both a start time and an end time, or neither.",
    ),
}

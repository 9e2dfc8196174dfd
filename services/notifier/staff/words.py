"""Mails in plain words: what kind, in which state and why, and what became of each attempt. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from services.notifier.message import State
from services.notifier.planned import COORDINATORS, MessageKind
from services.notifier.staff.asked import Which
from shared.words import Words

STATES: Final[Mapping[State, Words]] = {
    "pending": Words(da="Venter på at blive sendt", en="Waits to be sent"),
    "sending": Words(da="Bliver sendt lige nu", en="Being sent just now"),
    "accepted": Words(da="Sendt", en="Sent"),
    "deferred": Words(da="Bliver prøvet igen", en="Will be tried again"),
    "unknown": Words(da="Usikkert, om den nåede frem; bliver prøvet igen", en="May have arrived; will be tried again"),
    "failed": Words(da="Kunne ikke sendes", en="Could not be sent"),
    "stopped": Words(da="Stoppet", en="Stopped"),
    "bounced": Words(da="Kom retur", en="Came back"),
}
KINDS: Final[Mapping[MessageKind, Words]] = {
    "receipt": Words(da="Kvittering", en="Receipt"),
    "waiting_list": Words(da="Besked om venteliste", en="Message about the waiting list"),
    "course_booked": Words(da="Besked om forløbet", en="Message about the course"),
    "course_changed": Words(da="Besked om ændringen", en="Message about the change"),
    "course_left": Words(da="Besked om ikke længere at være med", en="Message about taking part no more"),
    "course_cancelled": Words(da="Besked om, at forløbet er aflyst", en="Message that the course is cancelled"),
    "course_stalled": Words(da="Besked om et usikkert møde", en="Message about a meeting in doubt"),
    "stall_report": Words(da="Besked til jer om et usikkert møde", en="Message to you about a meeting in doubt"),
    "invite": Words(da="Mødeindkaldelse", en="Invitation to a meeting"),
    "cancellation": Words(da="Aflysning i kalenderen", en="Cancellation in the calendar"),
    "counter_declined": Words(da="Svar på et foreslået tidspunkt", en="Answer to a proposed time"),
    "confirm_answer": Words(da="Spørgsmål, om et svar er rigtigt", en="Question whether an answer is right"),
    "withdrawn": Words(
        da="Besked om, at ansøgningen er trukket tilbage", en="Message that the application is withdrawn"
    ),
    "declined": Words(da="Svar på ansøgningen", en="Answer to the application"),
    "new_link": Words(da="Nyt link", en="New link"),
    "homework": Words(da="Hjemmeopgave", en="Preparation for the first meeting"),
    "briefing": Words(da="Forberedelse til konsulenten", en="The consultant's briefing"),
    "reminder": Words(da="Påmindelse om et møde", en="Reminder of a meeting"),
    "trial_check": Words(da="Spørgsmål til prøvehandlingen", en="Question about the trial"),
    "materials": Words(da="Materialer", en="Materials"),
    "evaluation": Words(da="Evaluering", en="Evaluation"),
    "address_wanted": Words(da="Spørgsmål om en ny adresse", en="Question about a new address"),
    "address_changed": Words(da="Besked til den tidligere adresse", en="Message to the address of before"),
    "address_report": Words(
        da="Besked til jer om en adresse, der ikke virker", en="Message to you about an address that does not work"
    ),
}
FUNCTIONS: Final[Mapping[str, Words]] = {
    "leader": Words(da="Leder", en="Leader"),
    "employee": Words(da="Medarbejderrepræsentant", en="Employee representative"),
    "other": Words(da="Anden kontaktperson", en="Other contact"),
    "consultant": Words(da="Konsulent", en="Consultant"),
    COORDINATORS: Words(da="Jeres fælles postkasse", en="The mailbox that you share"),
    "": Words(da="Slettet eller ukendt", en="Erased or unknown"),
}
LISTS: Final[Mapping[Which, Words]] = {
    "attention": Words(da="Kræver opmærksomhed", en="Needs attention"),
    "waiting": Words(da="Venter", en="Waiting"),
    "failed": Words(da="Kunne ikke sendes", en="Could not be sent"),
    "bounced": Words(da="Kom retur", en="Came back"),
    "accepted": Words(da="Sendt", en="Sent"),
    "stopped": Words(da="Stoppet", en="Stopped"),
    "all": Words(da="Alle", en="All"),
}
"""In the order of the tabs."""
OUTCOMES: Final[Mapping[str, Words]] = {
    "accepted": Words(da="taget imod", en="taken in"),
    "deferred": Words(da="ikke nu", en="not now"),
    "failed": Words(da="afvist", en="refused"),
    "unknown": Words(da="intet svar til sidst", en="no answer at the end"),
    "channel": Words(da="mailserveren har problemer", en="the mail server is in trouble"),
}
PHASES: Final[Mapping[str, Words]] = {
    "connect": Words(da="forbindelse", en="connection"),
    "ehlo": Words(da="hilsen", en="greeting"),
    "tls": Words(da="kryptering", en="encryption"),
    "login": Words(da="log-in", en="log-in"),
    "mail": Words(da="afsender", en="sender"),
    "rcpt": Words(da="modtager", en="recipient"),
    "data": Words(da="selve mailen", en="the mail itself"),
    "data_start": Words(da="før selve mailen", en="before the mail itself"),
    "lease": Words(da="afbrudt hos os", en="broken off on our side"),
    "gate": Words(da="før afsendelse", en="before sending"),
    "seal": Words(da="åbning af mailen", en="opening the mail"),
    "compose": Words(da="skrivning af mailen", en="writing the mail"),
    "age": Words(da="for gammel", en="too old"),
    "returned": Words(da="kom retur", en="came back"),
}
REASONS: Final[Mapping[str, Words]] = {
    "none": Words(da="alt er i orden", en="all is well"),
    "try_later": Words(da="prøv igen senere", en="try again later"),
    "mailbox_full": Words(da="postkassen er fuld", en="the mailbox is full"),
    "no_such_recipient": Words(da="adressen findes ikke", en="there is no such address"),
    "policy": Words(da="modtagerens regler tillader den ikke", en="the recipient's rules do not allow it"),
    "refused": Words(da="afvist uden nærmere grund", en="refused without a reason"),
    "lost_connection": Words(da="forbindelsen gik tabt", en="the connection was lost"),
    "timeout": Words(da="intet svar i tide", en="no answer in time"),
    "unreadable_reply": Words(da="svaret gav ikke mening", en="the answer made no sense"),
    "server": Words(da="mailserveren har problemer", en="the mail server is in trouble"),
    "sender_refused": Words(da="vores egen adresse blev afvist", en="our own address was refused"),
    "credentials": Words(da="log-in blev afvist", en="the log-in was refused"),
    "tls": Words(da="krypteringen virkede ikke", en="the encryption did not work"),
    "returned": Words(da="den kom retur uden nærmere grund", en="it came back without a reason"),
    "mailbox_disabled": Words(da="postkassen er lukket", en="the mailbox is closed"),
    "no_such_host": Words(da="domænet findes ikke", en="there is no such domain"),
    "too_large": Words(da="mailen er for stor", en="the mail is too large"),
    "gave_up": Words(da="modtagerens mailserver gav op", en="the recipient's mail server gave up"),
    "suppressed": Words(da="adressen tager ikke imod mails", en="the address takes no mail"),
    "unreadable": Words(da="den kan ikke læses", en="it cannot be read"),
    "too_late": Words(da="den ville komme for sent", en="it would come too late"),
    "too_old": Words(da="den blev prøvet for længe", en="it was tried for too long"),
    "sender_lost": Words(da="vores egen afsendelse blev afbrudt", en="our own sending broke off"),
    "unsendable": Words(da="mailen kan ikke sendes af nogen", en="nobody can send this mail"),
    "staff": Words(da="stoppet af en medarbejder", en="stopped by staff"),
    "obsolete": Words(da="en nyere mail er i stedet", en="a newer mail stands in its place"),
    "erased": Words(da="personen er slettet", en="the person was erased"),
    "old_address": Words(da="personen har fået en anden adresse", en="the person has another address by now"),
    "not_so_any_more": Words(da="det passer ikke længere", en="it is not so any more"),
    "stopped_by_staff": Words(da="stoppet af en medarbejder", en="stopped by staff"),
    "gate_broken": Words(
        da="om den må sendes, kan ikke afgøres lige nu", en="whether it may be sent cannot be told just now"
    ),
    "outside_hours": Words(da="uden for de timer, hvor vi sender", en="outside the hours in which mails go out"),
    "day_is_full": Words(da="modtageren har fået nok mails den dag", en="the recipient has had enough mails that day"),
    "paced": Words(
        da="modtagerens mailserver vil have dem langsommere", en="the recipient's mail server wants them slower"
    ),
}
"""By the words that stand with attempts and stopped messages; a newer one is shown as it stands."""


def words_of(code: str, table: Mapping[Any, Words]) -> Words:
    """The words of a code; the code itself where there are none."""
    return table.get(code) or Words(da=code or "–", en=code or "–")

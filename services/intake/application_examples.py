"""Two complete applications for the API's documentation. They name no dates, so they can be sent on any day."""

from typing import Any, Final

SINGLE: Final[dict[str, Any]] = {
    "kind": "single",
    "committee": {"kind": "trio"},
    "municipalities": ["329"],
    "workplaces": [
        {
            "name": "Jobcenter Ringsted",
            "street": "Sct. Bendtsgade 1",
            "postal_code": "4100",
            "town": "Ringsted",
            "municipality": "329",
        }
    ],
    "sector": "jobcenter",
    "employees": 140,
    "participants": 6,
    "contacts": {
        "leader": {
            "name": "Anne Holm",
            "title": "Afdelingsleder",
            "email": "anne.holm@ringsted.example",
            "phone": "57 62 60 01",
            "language": "da",
        },
        "employee_representative": {
            "name": "Bo Lund",
            "title": "Sagsbehandler",
            "email": "bo.lund@ringsted.example",
            "phone": "57 62 60 02",
            "language": "da",
            "role": "amr",
        },
    },
    "themes": ["samarbejde", "forandringer"],
    "challenge": "Vi er lagt sammen af to afdelinger og arbejder stadig hver for sig.",
    "desired_change": "Vi vil have fælles faglige møder, hvor vi bruger hinandens viden.",
    "wishes": {"avoid_weekdays": ["fri"], "preferred_hours": {"from_time": "09:00", "to_time": "15:00"}},
    "agreed": True,
    "evaluation": True,
    "privacy_read": True,
}

JOINT: Final[dict[str, Any]] = {
    "kind": "joint",
    "committee": {"kind": "hovedmed", "name": "HovedMED Aabenraa"},
    "municipalities": ["580"],
    "workplaces": [
        {
            "name": "Plejecenter Fjorden",
            "street": "Strandvej 10",
            "postal_code": "6200",
            "town": "Aabenraa",
            "municipality": "580",
        },
        {
            "name": "Hjemmeplejen Nord",
            "street": "Bygaden 2",
            "postal_code": "6230",
            "town": "Rødekro",
            "municipality": "580",
        },
    ],
    "sector": "aeldrepleje",
    "employees": 310,
    "participants": 24,
    "committees_expected": 8,
    "contacts": {
        "leader": {
            "name": "Charlotte Ravn",
            "title": "Ældrechef",
            "email": "charlotte.ravn@aabenraa.example",
            "phone": "+45 73 76 70 01",
            "language": "da",
        },
        "employee_representative": {
            "name": "David Smith",
            "email": "david.smith@aabenraa.example",
            "phone": "+45 73 76 70 02",
            "language": "en",
            "role": "tr",
        },
        "others": [
            {
                "name": "Else Friis",
                "title": "Konsulent",
                "email": "else.friis@aabenraa.example",
                "phone": "+45 73 76 70 03",
                "language": "da",
                "role": "coordinator",
            }
        ],
    },
    "themes": ["vold_trusler"],
    "challenge": "Flere steder i ældreplejen oplever vi trusler, og vi håndterer dem forskelligt.",
    "desired_change": "Vi vil have fælles aftaler om, hvad vi gør før, under og efter en episode.",
    "agreed": True,
    "evaluation": True,
    "privacy_read": True,
}

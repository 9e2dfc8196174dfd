from datetime import date

import pytest

from shared.reference.danish_order import danish_key
from shared.reference.municipalities import UnknownMunicipalityError, load_municipalities

ALL = load_municipalities()

CODES_BY_REGION = {
    "hovedstaden": "101 147 151 153 155 157 159 161 163 165 167 169 173 175 183 185 187 190 201 210 217 219 223 230 240"
    " 250 260 270 400",
    "sjaelland": "253 259 265 269 306 316 320 326 329 330 336 340 350 360 370 376 390",
    "syddanmark": "410 420 430 440 450 461 479 480 482 492 510 530 540 550 561 563 573 575 580 607 621 630",
    "midtjylland": "615 657 661 665 671 706 707 710 727 730 740 741 746 751 756 760 766 779 791",
    "nordjylland": "773 787 810 813 820 825 840 846 849 851 860",
}


def test_there_are_98_municipalities() -> None:
    """Christiansø (411) stands in the registers, but is no municipality."""
    assert len(ALL) == 98
    assert len({one.name for one in ALL}) == 98
    assert "411" not in ALL


@pytest.mark.parametrize("region", CODES_BY_REGION)
def test_until_the_end_of_2026_there_are_five_regions(region: str) -> None:
    """Each of the five regions holds exactly its municipalities: 29, 17, 22, 19 and 11."""
    codes = {one.code for one in ALL if one.region_on(date(2026, 12, 31)).code == region}
    assert codes == set(CODES_BY_REGION[region].split())


def test_hovedstaden_and_sjaelland_become_oestdanmark_in_2027() -> None:
    """From New Year's Day of 2027 the 46 eastern municipalities form one region; the other three stay as they are."""
    merged = {*CODES_BY_REGION["hovedstaden"].split(), *CODES_BY_REGION["sjaelland"].split()}
    for one in ALL:
        before, after = one.region_on(date(2026, 12, 31)), one.region_on(date(2027, 1, 1))
        assert after.code == ("oestdanmark" if one.code in merged else before.code)
    assert ALL.region_on("329", date(2027, 1, 1)).da == "Region Østdanmark"
    assert ALL.region_on("329", date(2026, 12, 31)).en == "Region Zealand"


def test_there_were_no_regions_before_2007() -> None:
    """A date before the reform of 2007 is refused instead of answered wrongly."""
    with pytest.raises(LookupError, match="no region on 2006-12-31"):
        ALL.region_on("101", date(2006, 12, 31))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("101", "Københavns Kommune"),
        ("400", "Bornholms Regionskommune"),
        ("480", "Nordfyns Kommune"),
        ("820", "Vesthimmerlands Kommune"),
        ("169", "Høje-Taastrup Kommune"),
        ("329", "Ringsted Kommune"),
    ],
)
def test_official_names_are_stored_whole(code: str, name: str) -> None:
    """The official name of some municipalities is in the genitive, so it is never built from the short one."""
    assert ALL.get(code).name == name


@pytest.mark.parametrize("code", ["411", "000", "0101", "", "955"])
def test_an_unknown_code_is_refused(code: str) -> None:
    """Only the three-digit codes of today's municipalities are known; the error does not repeat the code."""
    with pytest.raises(UnknownMunicipalityError) as refused:
        ALL.get(code)
    assert not code or code not in str(refused.value)


def test_towns_lie_in_denmark() -> None:
    """Every town lies within the country's bounds, and no two municipalities share a point."""
    for one in ALL:
        assert 54.5 < one.latitude < 57.8
        assert 8.0 < one.longitude < 15.2
    assert len({(one.latitude, one.longitude) for one in ALL}) == 98


def test_the_order_is_danish() -> None:
    """Æ, ø and å come last and aa counts as å, so the list ends with Aabenraa, Aalborg and Aarhus."""
    names = [one.short_name for one in ALL]
    assert names[0] == "Albertslund"
    assert names[-4:] == ["Ærø", "Aabenraa", "Aalborg", "Aarhus"]
    assert names.index("Furesø") < names.index("Faaborg-Midtfyn") < names.index("Gentofte")
    assert names.index("Hvidovre") < names.index("Høje-Taastrup") < names.index("Hørsholm")


def test_danish_key_orders_the_last_letters() -> None:
    """The three letters after z stand in the order æ, ø, å, in capitals as well."""
    words = ["Åse", "østers", "zebra", "Ærlig", "aal", "abe"]
    assert sorted(words, key=danish_key) == ["abe", "zebra", "Ærlig", "østers", "aal", "Åse"]


def test_islands_are_marked() -> None:
    """Five municipalities are reached by ferry only; islands with a bridge are not among them."""
    assert {one.short_name for one in ALL if one.is_island} == {"Bornholm", "Ærø", "Fanø", "Samsø", "Læsø"}

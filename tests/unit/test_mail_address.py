import pytest

from shared.mail_address import AddressError, one_address


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("leder@kommune.example", "leder@kommune.example"),
        ("Anne.O'Neil+spark@Kommune.EXAMPLE", "Anne.O'Neil+spark@kommune.example"),
        ("leder@østbyen.example", "leder@xn--stbyen-9xa.example"),
    ],
)
def test_one_plain_address_passes_in_its_ascii_form(written: str, meant: str) -> None:
    """What comes out can stand in an envelope as it is."""
    assert one_address(written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a@b.example, e@x.example",
        "a@b.example,",
        "a@b.example e@x.example",
        "a@b.example\r\nRCPT TO:<e@x.example>",
        "a@b.example\n",
        " a@b.example",
        "<a@b.example>",
        "A <a@b.example>",
        '"a b"@b.example',
        "a@[127.0.0.1]",
        "a(comment)@b.example",
        "a@b.example(comment)",
        "åse@b.example",
        "Ａ@b.example",
        "a\x00@b.example",
        f"{'a' * 65}@b.example",
        "a@b@c.example",
        "a;b@c.example",
        "leder@localhost",
    ],
)
def test_anything_else_is_refused_without_repeating_it(text: str) -> None:
    """Lists, names, comments, control characters and long parts stop here, and the error does not echo them."""
    with pytest.raises(AddressError) as refused:
        one_address(text)
    assert "b.example" not in str(refused.value)

"""The geometry of the post office: nothing overlaps, nothing leaves the paper, however many MX records there
are."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.overview.drawing import Box, Drawing, Mark, Office, Plate, Station, tall, wide

OK = Mark("ok", "check", "Live")
BAD = Mark("bad", "cross", "No answer")


def station(key: str, *, mark: Mark = OK, here: bool = True, host: str = "mail1.example.net") -> Station:
    return Station(
        key=key, title=key, host=host, mark=mark, url="/", link="See", icon="box", delivers_here=here
    )


def office(mx: int = 1, boxes: int = 3, broken: bool = False) -> Office:
    mark = BAD if broken else OK
    return Office(
        mx=[station(f"mx-{number}", mark=mark) for number in range(mx)],
        incoming=station("incoming"),
        mailboxes=station("mailboxes"),
        imap=station("imaps"),
        pop3=station("pop3s"),
        outgoing=station("outgoing"),
        seal=station("seal"),
        rack=[Box(filled=0.5) for _ in range(boxes)],
        marks=[OK],
    )


def overlap(one: Plate, other: Plate) -> bool:
    apart_x = one.x + one.w <= other.x or other.x + other.w <= one.x
    apart_y = one.y + one.h <= other.y or other.y + other.h <= one.y
    return not (apart_x or apart_y)


@pytest.mark.parametrize("draw", [wide, tall])
@given(mx=st.integers(1, 12), boxes=st.integers(0, 40))
def test_every_plate_lies_on_the_paper_and_beside_the_others(
    draw: type[Drawing], mx: int, boxes: int
) -> None:
    drawing = draw(office(mx, boxes))  # type: ignore[arg-type]  # a function, whatever pytest passes it as

    for plate in drawing.plates:
        assert plate.x >= 0
        assert plate.x + plate.w <= drawing.width
        assert plate.y + plate.h <= drawing.height
    assert not [pair for pair in combinations(drawing.plates, 2) if overlap(*pair)]


@pytest.mark.parametrize("draw", [wide, tall])
@given(boxes=st.integers(0, 40))
def test_the_pigeonholes_stand_in_the_rack(draw: type[Drawing], boxes: int) -> None:
    drawing = draw(office(1, boxes))  # type: ignore[arg-type]  # a function, whatever pytest passes it as

    rack = drawing.rack
    assert rack is not None
    for hole in drawing.holes:
        assert rack.x < hole.x
        assert hole.x + hole.w < rack.x + rack.w
        assert rack.y < hole.y
        assert hole.y + hole.h < rack.y + rack.h
        assert hole.y <= hole.fill_y <= hole.y + hole.h


@given(boxes=st.integers(0, 40))
def test_the_pigeonholes_leave_room_for_the_words_above_and_below(boxes: int) -> None:
    for drawing in (wide(office(1, boxes)), tall(office(1, boxes))):
        rack = drawing.rack
        assert rack is not None
        for hole in drawing.holes:
            assert hole.y >= rack.y + 48  # "0.84 GB used" stands on 44
            assert hole.y + hole.h <= rack.y + min(y for _x, y, _mark in drawing.marks) - 12


def test_a_phone_shows_the_first_mx_and_ours_and_names_the_rest() -> None:
    known = office(2)
    mx = [*(station(f"mx-{number}", here=False) for number in range(3)), station("mx-ours")]
    drawing = tall(Office(**{**_parts(), "mx": mx}))  # type: ignore[arg-type]  # parts by name

    assert [plate.station.key for plate in drawing.plates][:2] == ["mx-0", "mx-ours"]
    assert drawing.more is not None
    assert drawing.more[0] == 2
    assert tall(known).more is None


def test_a_broken_mx_breaks_its_way_and_no_other() -> None:
    broken = wide(office(broken=True))

    assert [line.broken for line in broken.lines].count(True) == 2  # to it, and from it
    assert not [line for line in wide(office()).lines if line.broken]


def test_an_mx_elsewhere_leads_not_into_our_server() -> None:
    ours = wide(office())
    away = office()
    away = Office(
        mx=[station("mx-0", here=False)],
        incoming=away.incoming,
        mailboxes=away.mailboxes,
        imap=away.imap,
        pop3=away.pop3,
        outgoing=away.outgoing,
        seal=away.seal,
    )

    assert len(wide(away).lines) == len(ours.lines) - 1


@given(filled=st.floats(-10, 1e9))
def test_a_pigeonhole_is_never_filled_beyond_its_rim(filled: float) -> None:
    drawing = wide(
        Office(**{**_parts(), "rack": [Box(filled=filled)]})  # type: ignore[arg-type]  # parts by name
    )

    hole = drawing.holes[0]
    assert 0 <= hole.fill_h <= hole.h
    assert hole.css == ("full" if filled >= 1 else "warn" if filled >= 0.85 else "")


def _parts() -> dict[str, object]:
    known = office()
    return {
        name: getattr(known, name)
        for name in ("mx", "incoming", "mailboxes", "imap", "pop3", "outgoing", "seal")
    }


@given(host=st.text("abcdefghij.", min_size=1, max_size=253))
def test_a_long_host_name_is_cut_in_its_middle_to_fit(host: str) -> None:
    plate = Plate(station("imaps", host=host), 0, 0, 144, 104)

    assert len(plate.host) <= max(plate.room, 1)
    assert plate.host == host or "…" in plate.host

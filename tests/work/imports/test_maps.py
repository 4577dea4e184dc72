"""Maps: every cell is judged, everything that is wrong is told at once, by line."""

from pathlib import Path

import pytest

from tests import vaults
from vaultcli.ground.errors import BadInput
from vaultcli.work.imports import maps
from vaultcli.work.imports.files import Asked

HEAD = "file,client,date,time,type,format,place,cpt,diagnoses\n"


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    from vaultcli.record.notes.client import Client

    return [Client("7n5tq2m8wkc4xe9r", "Ada Example", "ada"), Client("0c1x8k5vd2mhq7tz", "Adam Other", "adam")]


@pytest.fixture
def map_(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b, c.txt").write_text("b")

    def make(data: str | bytes) -> Path:
        path = tmp_path / "map.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return make


def read(path, clients, order=""):
    asked, told = maps.read(path, clients, order, ("emdr",))
    return asked, [f"{one.name.rpartition(':')[2]} {one.message}" for one in told]


def test_a_whole_row(map_, clients, tmp_path):
    path = map_(HEAD + 'a.txt,ada,2024-03-01,14:00-14:53,intake,emdr,office,90791 90785,"F33.1;F41.1, 6A70"\n')
    asked, told = read(path, clients)
    assert told == []
    assert asked == [
        Asked(
            tmp_path / "a.txt",
            "a.txt",
            clients[0],
            {
                "date": "2024-03-01",
                "time": "14:00-14:53",
                "type": "intake",
                "format": "emdr",
                "place": "office",
                "cpt": ["90791", "90785"],
                "diagnoses": ["F33.1", "F41.1", "6A70"],
            },
            f"{path}:2",
        )
    ]


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_separators_byte_order_marks_line_ends_and_blank_rows(map_, clients, between):
    text = 'client,file,date\r\n\r\nada,"sub/b, c.txt",2024-03-01\r\n,,\r\nadam,a.txt,\r\n'.replace(",", between)
    text = text.replace(f"b{between} c", "b, c")
    asked, told = read(map_(b"\xef\xbb\xbf" + text.encode()), clients)
    assert told == []
    assert [(one.name, one.client.handle, one.where[-2:], dict(one.values)) for one in asked] == [
        ("sub/b, c.txt", "ada", ":3", {"date": "2024-03-01"}),
        ("a.txt", "adam", ":5", {}),
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("", ":1: there is no column file and no column client and no column date"),
        ("file,client\n", ":1: there is no column date"),
        ("file,client,date,colour\n", ":1: unknown column colour"),
        ("file,,client,date\n", ":1: unknown column without a name"),
        ("file,client,date,date\n", ":1: a column stands twice"),
        ("Note,client,date\n", ":1: unknown column note"),
        (b"file,client,date\na.txt,ad\xe9,\n", ":2: the map is not UTF-8"),
        ('file,client,date\na.txt,ada,\n"b\n', ":3: this row is no CSV"),
        ('file,client,date\n"a"b,ada,\n', ":2: this row is no CSV"),
    ],
)
def test_what_is_no_map(map_, clients, data, says):
    with pytest.raises(BadInput) as caught:
        read(map_(data), clients)
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",ada,", ["file is missing"]),
        ("nowhere.txt,ada,", ["file names nothing that is there"]),
        ("a.txt,,", ["client is missing"]),
        ("a.txt,nobody,", ["client fits nobody"]),
        ("a.txt,Ada,", ["client fits 2 clients"]),
        ("a.txt,ada,3/1/2024", ["date is not a day such as 2024-03-01"]),
        ("a.txt,ada,2024-02-30", ["date is not a day such as 2024-03-01"]),
        ("a.txt,ada,2024-03-01,14:00", ["time has no end; write it as 14:00-14:53"]),
        ("a.txt,ada,,,attachment", ["type"]),
        ("a.txt,ada,,,,free", ["format is not"]),
        ("a.txt,ada,,,,,home", ["place is not one of"]),
        ("a.txt,ada,,,,,,9083", ["cpt is not"]),
        ("a.txt,ada,,,,,,,F33.1 depression", ["diagnoses is not"]),
        ("a.txt,ada,,,,,,,,more", ["has 10 cells, and the first row 9"]),
        ("nowhere.txt,nobody,x,y", ["file names", "client fits", "date is", "time is"]),
    ],
)
def test_what_is_wrong_with_a_row(map_, clients, row, says):
    asked, told = read(map_(f"{HEAD}{row}\na.txt,adam,\n"), clients)
    assert [one.client.handle for one in asked] == ["adam"]
    assert len(told) >= len(says)
    for line, expected in zip(told, says, strict=False):
        assert line.startswith(f"2 {expected}")


def test_a_date_with_the_year_last(map_, clients):
    path = map_("file,client,date\na.txt,ada,3/1/2024\n")
    assert read(path, clients, "mdy")[0][0].values["date"] == "2024-03-01"
    assert read(path, clients, "dmy")[0][0].values["date"] == "2024-01-03"


def test_the_same_file_twice(map_, clients):
    asked, told = read(map_("file,client,date\na.txt,ada,\na.txt,adam,\na.txt,ada,\n"), clients)
    assert [one.client.handle for one in asked] == ["ada", "adam"]
    assert [line.partition(", first")[0] for line in told] == ["4 file is named twice"]


def test_a_skeleton_can_be_read(map_, clients, tmp_path):
    (tmp_path / "=cmd.txt").write_text("x")
    texts = [Asked(tmp_path / name, name, None) for name in ("a.txt", "sub/b, c.txt", "=cmd.txt", "2024-03-01.txt")]
    (tmp_path / "2024-03-01.txt").write_text("x")
    text = maps.skeleton(texts, "", tmp_path)
    assert "\n./=cmd.txt,,,,,,,,\n" in text
    assert "\n2024-03-01.txt,,2024-03-01,,,,,,\n" in text
    asked, told = read(map_(text.replace(",,,,,,,,", ",ada,,,,,,,").replace(",,2024-03", ",ada,2024-03")), clients)
    assert told == []
    assert [one.file.resolve() for one in asked] == [(tmp_path / one.name).resolve() for one in texts]


def test_in_a_vault(tmp_path):
    world = vaults.make(tmp_path / "vault")
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "map.csv").write_text("file,client,date\na.txt,Bo Ex,2024-03-01\n")
    with world.chart() as chart:
        asked, told = maps.read(tmp_path / "map.csv", chart.clients(), "", ())
    assert (told, asked[0].client.id) == ([], world.clients["bo"])


@pytest.mark.parametrize(
    ("row", "date", "time"),
    [
        ("a.txt,ada,2024-03-01 00:00:00,9:00-9:50", "2024-03-01", "09:00-09:50"),
        ("./a.txt,ada,2024-03-01T09:30,9:00 AM - 1:50 PM", "2024-03-01", "09:00-13:50"),
        (".\\a.txt,ada,20240301,12:10 am\u201312:50am", "2024-03-01", "00:10-00:50"),
        ("sub\\..\\a.txt,ada,3/1/2024 0:00,", "2024-03-01", None),
        ("a.txt,ada,2024/3/1,14:00:00-14:50:00", "2024-03-01", "14:00-14:50"),
    ],
)
def test_what_spreadsheets_make_of_a_map(map_, clients, row, date, time):
    asked, told = read(map_("FILE,Client,DATE,Time,,\n" + row + ",,\n"), clients, "mdy")
    assert told == []
    assert (asked[0].values.get("date"), asked[0].values.get("time")) == (date, time)
    assert asked[0].file.resolve().name == "a.txt"


def test_the_separator_that_a_spreadsheet_names_and_its_utf_16(map_, clients):
    text = "sep=;\r\nfile;client;date\r\na.txt;ada;2024-03-01\r\na.txt;adam;nonsense\r\n"
    for raw in (text.encode(), text.encode("utf-16")):
        asked, told = read(map_(raw), clients)
        assert [one.client.handle for one in asked] == ["ada"]
        assert told == ["4 date is not a day such as 2024-03-01"]


def test_a_time_that_could_be_before_or_after_noon_is_not_guessed(map_, clients):
    _, told = read(map_("file,client,date,time\na.txt,ada,2024-03-01,2:00pm-3:00\n"), clients)
    assert told == ["2 time is not a beginning and an end such as 14:00-14:53"]

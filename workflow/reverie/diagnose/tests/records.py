"""Archives of a few records in the form of the Challenge, and episodes from rows."""

import io
import tarfile

from reverie.diagnose import episodes

OUTCOMES = "RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n"
START = "00:00,RecordID,{}\n00:00,Age,60\n00:00,Gender,1\n00:00,Height,-1\n00:00,ICUType,3\n"


def archive(file, records, header="Time,Parameter,Value\n", mode="w:gz"):
    """Write the texts of the records, by their names, without their headers."""
    with tarfile.open(file, mode) as members:
        folder = tarfile.TarInfo("set-x")
        folder.type = tarfile.DIRTYPE
        members.addfile(folder)
        for name, text in records.items():
            data = (header + text).encode()
            member = tarfile.TarInfo(f"set-x/{name}.txt")
            member.size = len(data)
            members.addfile(member, io.BytesIO(data))
    return file


def read(folder, records, outcomes=None, **options):
    """The stays of the records and the counts; by default every stay has plain outcomes."""
    texts = {name: START.format(name) + text for name, text in records.items()}
    if outcomes is None:
        outcomes = "".join(f"{name},10,5,7,-1,0\n" for name in records)
    table = folder / "outcomes.txt"
    table.write_text(OUTCOMES + outcomes)
    return episodes.challenge([(archive(folder / "set.tar.gz", texts, **options), table)])


def stays(folder, *measured):
    """Stays of which rows `(hour, variable, value)` were measured, one list a stay."""
    records = {}
    for number, rows in enumerate(measured):
        lines = [
            f"{int(hour):02d}:{round(hour % 1 * 60):02d},{variable},{value}\n"
            for hour, variable, value in sorted(rows, key=lambda row: row[0])
        ]
        records[str(100 + number)] = "".join(lines) or "00:00,HR,80\n"
    return read(folder, records)[0]

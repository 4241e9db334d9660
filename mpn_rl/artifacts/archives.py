"""Zip files that anybody may have written, as far as this project writes them."""

import zipfile


def stored_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members of an archive that holds each as it is, and once.

    ValueError where one is compressed, where two have one name, or where they have more bytes than
    the file: a few bytes could stand for more than any memory holds.
    """
    members = archive.infolist()
    if len({member.filename for member in members}) < len(members):
        raise ValueError("two of its parts have one name")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise ValueError("a part of it is compressed")
    if any(member.file_size != member.compress_size for member in members):
        raise ValueError("a part of it has two sizes")
    assert archive.fp is not None
    size = archive.fp.seek(0, 2)
    if sum(member.file_size for member in members) > size:
        raise ValueError("its parts are larger than the file")
    return members

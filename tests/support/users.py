"""Sets of users: their digest and the files that carry them, read by independent libraries."""

import csv
import hashlib
import io
import json
import struct

import pyarrow.parquet
import pyroaring


def digest(user_ids):
    """Hex SHA-256 over the ids sorted by bytes, each as u32 length (little endian) and UTF-8 bytes."""
    whole = hashlib.sha256()
    for user_id in sorted(user_id.encode() for user_id in user_ids):
        whole.update(struct.pack("<I", len(user_id)) + user_id)
    return whole.hexdigest()


def read_csv(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def read_ndjson(content):
    return [json.loads(line) for line in content.decode().splitlines()]


def read_parquet(content):
    return pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist()


def read_roaring(content, names):
    """`names`: uid -> user id, from the map that goes with the bitmaps."""
    return [{"user_id": names[uid]} for uid in pyroaring.BitMap64.deserialize(content)]

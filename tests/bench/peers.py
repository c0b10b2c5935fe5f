"""What users would pick instead, inside this process, each with its tables laid out for these rules as well as it can."""

import shutil
import time
from pathlib import Path

COLUMNS = "event, uid, time, programme, device, seconds, campaign"
ORDER = "event, programme, uid, time"



class Peer:
    """`count` and `members` (uids, as a client holds them) of a SELECT of uids."""

    def __init__(self, data, folder, threads):
        self.data, self.folder, self.threads = Path(data), Path(folder), threads

    def prepare(self):
        """Loads if that was not done before; seconds, bytes on disk."""
        done = self.folder / "done"
        if not done.exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            start = time.monotonic()
            self.load()
            done.write_text(f"{time.monotonic() - start:.1f}")
        size = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        return float(done.read_text()), size


class DuckDB(Peer):
    name, dialect = "DuckDB", "duckdb"

    def connect(self, read_only):
        import duckdb

        self.version = duckdb.__version__
        connection = duckdb.connect(str(self.folder / "bench.db"), read_only=read_only)
        connection.execute(f"SET threads={self.threads}; SET memory_limit='8GB'; SET preserve_insertion_order=false; SET TimeZone='UTC'")
        return connection

    def load(self):
        connection, data = self.connect(False), self.data
        connection.execute(f"""
            CREATE TYPE names AS ENUM ('ad_impression', 'email_open', 'login', 'video_view');
            CREATE TYPE devices AS ENUM ('console', 'mobile', 'tablet', 'tv', 'web');
            CREATE TYPE programmes_ AS ENUM (SELECT programme FROM '{data}/programmes.parquet' ORDER BY 1);
            CREATE TYPE campaigns AS ENUM (SELECT format('c{{:04d}}', i) FROM range(1, 1001) t(i));
            CREATE TABLE users AS SELECT * FROM '{data}/users.parquet' ORDER BY uid;
            CREATE TABLE programmes AS SELECT programme::programmes_ AS programme, genre FROM '{data}/programmes.parquet';
            CREATE TABLE events(event names, uid UINTEGER, time TIMESTAMP, programme programmes_, device devices, seconds UINTEGER, campaign campaigns)
        """)
        for month in sorted((data / "events").glob("*.parquet")):
            connection.execute(f"INSERT INTO events SELECT {COLUMNS} FROM '{month}' ORDER BY {ORDER}")
        connection.execute("CHECKPOINT")
        connection.close()

    def open(self):
        self.connection = self.connect(True)

    def count(self, select):
        return self.connection.execute(f"SELECT count(*) FROM ({select})").fetchone()[0]

    def members(self, select):
        return self.connection.execute(select).fetchnumpy()["uid"]


class ClickHouse(Peer):
    name, dialect = "ClickHouse", "clickhouse"

    def connect(self):
        from chdb import session

        self.session = session.Session(str(self.folder / "ch"))
        for setting in (f"max_threads={self.threads}", "max_memory_usage=8000000000", "use_query_condition_cache=0", "max_bytes_before_external_group_by=0"):
            self.session.query(f"SET {setting}")
        self.version = self.session.query("SELECT version()", "TSV").bytes().decode().strip()

    def load(self):
        self.connect()
        text = "LowCardinality(String)"
        for statement in (
            f"CREATE TABLE users (uid UInt32, user_id String, gender {text}, age UInt8, country {text}, plan {text}, consent_marketing Bool, "
            "consent_ads Bool, joined DateTime64(6,'UTC')) ENGINE=MergeTree ORDER BY uid",
            f"CREATE TABLE programmes (programme {text}, genre {text}) ENGINE=MergeTree ORDER BY programme",
            f"CREATE TABLE events (event {text}, uid UInt32, time DateTime64(6,'UTC'), programme {text}, device {text}, seconds UInt32, "
            f"campaign {text}) ENGINE=MergeTree PARTITION BY toYYYYMM(time) ORDER BY ({ORDER})",
            f"INSERT INTO users SELECT * FROM file('{self.data}/users.parquet')",
            f"INSERT INTO programmes SELECT * FROM file('{self.data}/programmes.parquet')",
        ):
            self.session.query(statement)
        for month in sorted((self.data / "events").glob("*.parquet")):
            self.session.query(f"INSERT INTO events SELECT {COLUMNS} FROM file('{month}')")
        self.session.query("OPTIMIZE TABLE events FINAL")
        self.session.close()

    def open(self):
        self.connect()

    def count(self, select):
        return int(self.session.query(f"SELECT count() FROM ({select})", "TSV").bytes())

    def members(self, select):
        import numpy as np

        return np.frombuffer(self.session.query(select, "RowBinary").bytes(), "u4")


PEERS = [DuckDB, ClickHouse]

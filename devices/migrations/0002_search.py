"""The index behind the search box: trigrams of the search texts.

SQLite keeps them in an FTS5 table beside devices_devicesearch, whose rows it follows by triggers. A later migration
that lets Django rebuild devices_devicesearch on SQLite drops the triggers with the old table: run these functions
around it.
"""

from django.db import migrations

SQLITE = [
    # Every text is stored case-folded; folding once more would only cost time.
    """
    CREATE VIRTUAL TABLE devices_trigrams USING fts5(
        text, content='devices_devicesearch', content_rowid='id', tokenize='trigram case_sensitive 1', columnsize=0
    )
    """,
    """
    CREATE TRIGGER devices_trigrams_insert AFTER INSERT ON devices_devicesearch BEGIN
        INSERT INTO devices_trigrams(rowid, text) VALUES (new.id, new.text);
    END
    """,
    """
    CREATE TRIGGER devices_trigrams_delete AFTER DELETE ON devices_devicesearch BEGIN
        INSERT INTO devices_trigrams(devices_trigrams, rowid, text) VALUES ('delete', old.id, old.text);
    END
    """,
    """
    CREATE TRIGGER devices_trigrams_update AFTER UPDATE OF text ON devices_devicesearch BEGIN
        INSERT INTO devices_trigrams(devices_trigrams, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO devices_trigrams(rowid, text) VALUES (new.id, new.text);
    END
    """,
    "INSERT INTO devices_trigrams(devices_trigrams) VALUES ('rebuild')",
]
SQLITE_BACK = [
    "DROP TRIGGER devices_trigrams_insert",
    "DROP TRIGGER devices_trigrams_delete",
    "DROP TRIGGER devices_trigrams_update",
    "DROP TABLE devices_trigrams",
]

POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX devices_trigrams ON devices_devicesearch USING gin (text gin_trgm_ops)",
]
POSTGRESQL_BACK = ["DROP INDEX devices_trigrams"]  # the extension may have other users


def forwards(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    for statement in POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards)]

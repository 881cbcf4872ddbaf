"""What does a database consist of, as text that can be compared?"""

import asyncpg

_SECTIONS = {
    "columns": """
        SELECT format('%s %s %s %s%s%s', c.relname, lpad(a.attnum::text, 2, '0'), a.attname,
                      format_type(a.atttypid, a.atttypmod),
                      CASE WHEN a.attnotnull THEN ' not null' END,
                      ' default ' || pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped"""
    "",
    # Not-null constraints are listed with the columns.
    "constraints": """
        SELECT format('%s %s: %s%s', conrelid::regclass, conname, pg_get_constraintdef(oid),
                      CASE WHEN NOT convalidated THEN ' NOT VALID' END)
        FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
    "indexes": """
        SELECT pg_get_indexdef(i.indexrelid)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = 'public'::regnamespace""",
    "triggers": """
        SELECT format('%s%s', pg_get_triggerdef(t.oid),
                      CASE WHEN t.tgenabled <> 'O' THEN ' enabled: ' || t.tgenabled::text END)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal""",
    "functions": """
        SELECT pg_get_functiondef(oid) AS line FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace""",
    "grants to accrue_app": """
        SELECT format('%s %s: %s', kind, name,
                      string_agg(privilege, ', ' ORDER BY privilege COLLATE "C"))
        FROM (
            SELECT 'relation' AS kind, c.relname AS name, a.privilege_type AS privilege, a.grantee
            FROM pg_class c CROSS JOIN aclexplode(c.relacl) a
            WHERE c.relnamespace = 'public'::regnamespace
            UNION ALL
            SELECT 'schema', n.nspname, a.privilege_type, a.grantee
            FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) a
        ) granted
        WHERE grantee = 'accrue_app'::regrole GROUP BY kind, name""",
}


async def described(connection: asyncpg.Connection) -> str:
    """Columns, constraints, indexes, triggers, functions and grants, one a line."""
    parts = []
    for title, query in _SECTIONS.items():
        lines = sorted(row[0].rstrip() for row in await connection.fetch(query))
        parts.append("\n".join([f"# {title}", *lines]))
    return "\n\n".join(parts) + "\n"


async def described_at(database_url: str) -> str:
    connection = await asyncpg.connect(database_url)
    try:
        return await described(connection)
    finally:
        await connection.close()

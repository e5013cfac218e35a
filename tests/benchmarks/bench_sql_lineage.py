"""Statements per second of the SQL lineage on one core. Run: ``python -m tests.benchmarks.bench_sql_lineage``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from ingest.sql_lineage import Catalog, analyse_script

SCHEMA = {
    ("store_sales",): [
        "ss_item_sk",
        "ss_customer_sk",
        "ss_date_sk",
        "ss_store_sk",
        "ss_quantity",
        "ss_price",
        "ss_cost",
    ],
    ("web_sales",): [
        "ws_item_sk",
        "ws_customer_sk",
        "ws_date_sk",
        "ws_site_sk",
        "ws_quantity",
        "ws_price",
        "ws_cost",
    ],
    ("date_dim",): ["d_date_sk", "d_date", "d_year", "d_moy", "d_week_seq", "d_day_name"],
    ("item",): ["i_item_sk", "i_item_id", "i_brand", "i_category", "i_class", "i_current_price"],
    ("customer",): [
        "c_customer_sk",
        "c_customer_id",
        "c_first_name",
        "c_last_name",
        "c_email",
        "c_address_sk",
    ],
    ("address",): ["a_address_sk", "a_city", "a_state", "a_country", "a_zip"],
    ("store",): ["s_store_sk", "s_store_id", "s_name", "s_state"],
    ("target",): ["a", "b", "c", "d", "e", "f"],
}
REPORTS = [
    """INSERT INTO target
    WITH all_sales AS (
        SELECT ss_item_sk AS item_sk, ss_customer_sk AS customer_sk, ss_date_sk AS date_sk, ss_quantity AS qty,
               ss_price * ss_quantity AS revenue, ss_cost * ss_quantity AS cost, 'store' AS channel
        FROM store_sales
        UNION ALL
        SELECT ws_item_sk, ws_customer_sk, ws_date_sk, ws_quantity, ws_price * ws_quantity, ws_cost * ws_quantity, 'web'
        FROM web_sales),
    monthly AS (
        SELECT i_brand, i_category, d_year, d_moy, channel, SUM(revenue) AS revenue, SUM(revenue - cost) AS margin,
               COUNT(DISTINCT customer_sk) AS customers,
               AVG(SUM(revenue)) OVER (PARTITION BY i_brand, d_year) AS yearly,
               RANK() OVER (PARTITION BY i_category ORDER BY SUM(revenue) DESC) AS position
        FROM all_sales, item, date_dim
        WHERE item_sk = i_item_sk AND date_sk = d_date_sk AND d_year BETWEEN 1998 AND 2001
        GROUP BY i_brand, i_category, d_year, d_moy, channel)
    SELECT now.i_brand, now.revenue, before.revenue, now.revenue / NULLIF(before.revenue, 0) AS growth,
           CASE WHEN now.margin > 0.2 * now.revenue THEN 'high' WHEN now.margin > 0 THEN 'low' ELSE 'none' END AS grade,
           now.customers
    FROM monthly now LEFT JOIN monthly before
      ON now.i_brand = before.i_brand AND now.channel = before.channel AND now.d_year = before.d_year + 1
    WHERE now.position <= 100 AND now.revenue > 0.9 * now.yearly
    ORDER BY growth DESC, 1 LIMIT 100""",
    """SELECT c_customer_id, c_first_name, c_last_name, MD5(c_email) AS email, a_city, total,
           (SELECT MAX(d_date) FROM date_dim WHERE d_date_sk = last_sk) AS last_day
    FROM customer JOIN address ON c_address_sk = a_address_sk
    JOIN (SELECT ss_customer_sk, SUM(ss_price * ss_quantity) AS total, MAX(ss_date_sk) AS last_sk
          FROM store_sales WHERE ss_store_sk IN (SELECT s_store_sk FROM store WHERE s_state IN ('TN', 'CA'))
          GROUP BY ss_customer_sk HAVING SUM(ss_quantity) > 10) sums ON ss_customer_sk = c_customer_sk
    WHERE EXISTS (SELECT 1 FROM web_sales, date_dim WHERE ws_customer_sk = c_customer_sk AND ws_date_sk = d_date_sk
                  AND d_year = 2001)
    ORDER BY total DESC""",
    """SELECT s_name, d_week_seq, """
    + ", ".join(
        f"SUM(CASE WHEN d_day_name = '{day}' THEN ss_price END) AS {day}"
        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    )
    + """ FROM store_sales JOIN store ON ss_store_sk = s_store_sk JOIN date_dim ON ss_date_sk = d_date_sk
    JOIN item ON ss_item_sk = i_item_sk WHERE i_category IN ('Books', 'Music') GROUP BY s_name, d_week_seq""",
]


def stress() -> Iterator[tuple[str, str]]:
    """The statements that make other tools slow."""
    columns = [f"c{i}" for i in range(300)]
    steps = ["s0 AS (SELECT " + ", ".join(columns) + " FROM base)"]
    steps += [
        f"s{k} AS (SELECT {', '.join(c + ' + 1 AS ' + c for c in columns)} FROM s{k - 1})"
        for k in range(1, 10)
    ]
    yield "10 CTEs x 300 columns", "INSERT INTO t WITH " + ", ".join(steps) + " SELECT * FROM s9"
    yield "star over 2,000 columns", "SELECT * FROM (SELECT * FROM wide) w"
    yield (
        "1,000 VALUES rows",
        "INSERT INTO t (a, b) VALUES " + ", ".join(f"({i}, 'v{i}')" for i in range(1000)),
    )
    yield "IN list of 5,000", f"SELECT a FROM t WHERE b IN ({', '.join(str(i) for i in range(5000))})"
    yield (
        "CASE of 500 WHENs",
        "SELECT CASE " + " ".join(f"WHEN a = {i} THEN b" for i in range(500)) + " END FROM t",
    )
    nested = "SELECT a FROM t"
    for i in range(60):
        nested = f"SELECT a FROM ({nested}) q{i}"
    yield "60 nested queries", nested
    yield "UNION of 100", " UNION ALL ".join(f"SELECT a, b FROM t{i}" for i in range(100))
    joins = " ".join(f"JOIN t{i} ON t{i}.k = t{i - 1}.k" for i in range(1, 40))
    yield "join of 40", "SELECT " + ", ".join(f"t{i}.v AS v{i}" for i in range(40)) + f" FROM t0 {joins}"


def main() -> None:
    catalog = Catalog({**SCHEMA, ("wide",): [f"c{i}" for i in range(2000)]}, dialect="postgres")
    edges = 0
    for sql in REPORTS:
        edges += len(analyse_script(sql, dialect="postgres", catalog=catalog).statements[0].columns)
    rounds = 100
    start = time.process_time()
    for _ in range(rounds):
        for sql in REPORTS:
            analyse_script(sql, dialect="postgres", catalog=catalog)
    spent = time.process_time() - start
    out = sys.stdout.write
    out(
        f"reports: {rounds * len(REPORTS) / spent:8.0f} statements/s ({edges} column edges in {len(REPORTS)})\n"
    )
    for name, sql in stress():
        start = time.process_time()
        statement = analyse_script(sql, dialect="postgres", catalog=catalog).statements[0]
        out(
            f"{name:24s} {1000 * (time.process_time() - start):8.1f} ms ({len(statement.columns)} column edges)\n"
        )


if __name__ == "__main__":
    main()

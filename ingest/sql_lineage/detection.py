"""Which dialect a text is written in, by words and signs that few of them share."""

from __future__ import annotations

import re
from collections import Counter

_FALLBACK = "ansi"
_LITERALS = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.|'')*'", re.DOTALL)

# A pattern, and what each match of it speaks for. Signs of one dialect alone weigh more than those of a family.
_SIGNS: tuple[tuple[str, dict[str, int]], ...] = (
    (r"\[[A-Za-z_][\w $]*\](?=\s*(?:\.|,|\bAS\b|\bFROM\b|=|\(|\)|$))", {"tsql": 3}),
    (r"\bSELECT\s+(?:DISTINCT\s+)?TOP\s*\(?\s*\d", {"tsql": 3, "teradata": 2}),
    (r"(?<![\w@/])@\w+", {"tsql": 2, "mysql": 1}),
    (r"\bNOLOCK\b|\bGETDATE\s*\(|\bNVARCHAR\b|\bCROSS\s+APPLY\b|\bOUTER\s+APPLY\b", {"tsql": 3}),
    (r"(?<![\w@])@\w+\s*:=|\A\s*SET\s+@\w+\s*=.*;", {"mysql": 5}),
    (r"^\s*GO\s*$|\bBEGIN\s+TRY\b|(?<!\w)#\w+|\bdbo\.|\bEXEC\s+sp_|\bOUTPUT\s+(?:inserted|deleted)\.", {"tsql": 4}),
    (r"`[^`\n]*-[^`\n]*\.[^`\n]*`|`[\w-]+\.[\w-]+\.[\w*-]+`", {"bigquery": 5}),
    (r"`[^`\n]+`", {"mysql": 1, "spark": 1, "hive": 1, "databricks": 1, "bigquery": 1}),
    (
        r"\bSAFE_(?:CAST|DIVIDE|OFFSET)\b|\bSTRUCT\s*<|\bINT64\b|\bFLOAT64\b|\bSELECT\s+AS\s+STRUCT\b|_TABLE_SUFFIX|\|>"
        r"|\bFARM_FINGERPRINT\b|\bWITH\s+OFFSET\b|\b(?:DATE|TIMESTAMP|DATETIME)_(?:TRUNC|DIFF|ADD|SUB)\s*\(",
        {"bigquery": 4},
    ),
    (r"\*\s*EXCEPT\s*\(", {"bigquery": 3, "databricks": 3, "clickhouse": 2, "spark": 1}),
    (r"\*\s*EXCLUDE\b", {"snowflake": 3, "duckdb": 3}),
    (r"\bQUALIFY\b", {"snowflake": 2, "bigquery": 1, "teradata": 1, "databricks": 1, "duckdb": 1}),
    (
        r"\bLATERAL\s+FLATTEN\b|\bIFF\s*\(|\bMETADATA\$|\bSTORAGE_INTEGRATION\b|\bFILE_FORMAT\s*=|\bWAREHOUSE\s*="
        r"|\bTARGET_LAG\b|\bSWAP\s+WITH\b|\bOBJECT_CONSTRUCT\b|\bVARIANT\b|(?:FROM|INTO)\s+@\w|\bTRY_TO_\w+|\bDATEADD\s*\(\s*'",
        {"snowflake": 4},
    ),
    (r"\w:\w+(?:\.\w+)*::", {"snowflake": 4, "databricks": 2}),
    (r"\$\d+\b", {"snowflake": 1, "postgres": 1}),
    (r"::", {"postgres": 2, "snowflake": 1, "redshift": 1, "duckdb": 1, "databricks": 1}),
    (
        r"\bLATERAL\s+VIEW\b|\bINSERT\s+OVERWRITE\s+(?:TABLE\b|DIRECTORY\b)|\bDISTRIBUTE\s+BY\b|\bCLUSTER\s+BY\b|\bSORT\s+BY\b"
        r"|\bTBLPROPERTIES\b|\bPARTITIONED\s+BY\b",
        {"hive": 3, "spark": 3, "databricks": 1},
    ),
    (r"\bSTORED\s+AS\b|\bROW\s+FORMAT\b|\bSERDE\b|\$\{hive(?:conf|var):", {"hive": 3, "spark": 1}),
    (r"\bFROM\b[^;]*?\bINSERT\s+(?:INTO|OVERWRITE)\s+TABLE\b", {"hive": 3, "spark": 1}),
    (r"\bUSING\s+(?:parquet|orc|csv|json|iceberg)\b|\bCACHE\s+(?:LAZY\s+)?TABLE\b|\b(?:LEFT\s+)?(?:SEMI|ANTI)\s+JOIN\b", {"spark": 3, "databricks": 1, "hive": 1}),
    (r"\bUSING\s+delta\b|\bdelta\.`|\bLIVE\.|\bSTREAMING\s+(?:LIVE\s+)?TABLE\b|\bOPTIMIZE\b|\bZORDER\b|\bUSE\s+CATALOG\b|\bCLONE\b.*\bVERSION\b|\bread_files\s*\(|\bUPDATE\s+SET\s+\*", {"databricks": 4, "spark": 1}),
    (
        r"\(\+\)|\bCONNECT\s+BY\b|\bVARCHAR2\b|\bSYSDATE\b|\bFROM\s+DUAL\b|\bROWNUM\b|\bNVL2\s*\("
        r"|%ROWTYPE|%TYPE|\bDBMS_\w+|\bPACKAGE\s+BODY\b|\bIS\s+BEGIN\b|^\s*/\s*$",
        {"oracle": 3},
    ),
    (r"\bEXECUTE\s+IMMEDIATE\s+\$\$|\bLANGUAGE\s+(?:SQL|JAVASCRIPT)\s+.*\$\$", {"snowflake": 4}),
    (r"\bMINUS\b|\bNVL\s*\(|\bDECODE\s*\(", {"oracle": 1, "snowflake": 1, "redshift": 1}),
    (r"\bEXECUTE\s+IMMEDIATE\s+''", {"oracle": 2, "snowflake": 1}),
    (r'\bEXECUTE\s+IMMEDIATE\s+(?:"|FORMAT\b)', {"bigquery": 4}),
    (r"\bON\s+DUPLICATE\s+KEY\b|\bENGINE\s*=\s*(?:InnoDB|MyISAM)\b|(?<!OR )\bREPLACE\s+INTO\b|\bINSERT\s+IGNORE\b|\bSTRAIGHT_JOIN\b|\bAUTO_INCREMENT\b|\bGROUP_CONCAT\s*\(|\bIFNULL\s*\(|^\s*DELIMITER\b|\bINTO\s+OUTFILE\b|\bLOAD\s+DATA\s+(?:LOCAL\s+)?INFILE\b", {"mysql": 4}),
    (r"\bDISTKEY\b|\bSORTKEY\b|\bDISTSTYLE\b|\bIAM_ROLE\b|\bUNLOAD\s*\(|\bAPPEND\s+FROM\b|\bNO\s+SCHEMA\s+BINDING\b|\bGETDATE\s*\(\s*\)\s*::|\bENCODE\s+\w+", {"redshift": 5}),
    (r"\bSEL\b|\bLOCKING\b|\bVOLATILE\s+TABLE\b|\bMULTISET\b|\bPRIMARY\s+INDEX\b|\bFORMAT\s+'|\bUPDATE\s+\w+(?:\.\w+)?\s+FROM\b|\bCASESPECIFIC\b|\bWITH\s+(?:NO\s+)?DATA\b", {"teradata": 3}),
    (
        r"\bENGINE\s*=\s*\w*MergeTree\b|\bPREWHERE\b|\bARRAY\s+JOIN\b|\bFINAL\b|\bGLOBAL\s+(?:ANY\s+)?(?:LEFT|INNER)\b|\bLIMIT\s+\d+\s+BY\b"
        r"|\bto(?:Date|DateTime|StartOf\w+|U?Int\d+|String)\s*\(|\bgroupArray\s*\(|\bcityHash64\b|\bEXCHANGE\s+TABLES\b|\bargMax\s*\(|\buniq\w*\s*\(",
        {"clickhouse": 5},
    ),
    (r"\bread_(?:parquet|csv|csv_auto|json)\s*\(|\bPOSITIONAL\s+JOIN\b|\bCOLUMNS\s*\((?=\*|')|(?:\A|;)\s*FROM\s+\w|\bAS\s+FROM\s+\w|(?:\A|;)\s*(?:UN)?PIVOT\s+\w|\bINSERT\s+OR\s+REPLACE\b|\blist_\w+\s*\(|\bSUMMARIZE\b", {"duckdb": 4}),
    (r"\bCROSS\s+JOIN\s+UNNEST\b|\bWITH\s+ORDINALITY\b|\bpartitioned_by\s*=|\bWITH\s*\(\s*format\s*=|\bjson_extract_scalar\s*\(|\bapprox_distinct\s*\(|\btry_cast\s*\(|\btry\s*\(", {"trino": 3}),
    (r"\bON\s+CONFLICT\b|\bRETURNING\b|\bDISTINCT\s+ON\b|\bILIKE\b|\$\$|\bLANGUAGE\s+plpgsql\b|->>|#>>|\bgenerate_series\s*\(|\bMATERIALIZED\s*\(|\bTEMP\s+TABLE\b|\bSERIAL\b|\bON\s+COMMIT\s+DROP\b|\bEXCLUDED\.", {"postgres": 2, "redshift": 1}),
)  # fmt: skip
_COMPILED = [(re.compile(sign, re.IGNORECASE | re.MULTILINE | re.DOTALL), who) for sign, who in _SIGNS]
# Only so much of a text is looked at, and a sign counts so often.
_LONGEST = 20_000
_MOST = 2


def detect(sql: str) -> str:
    """The dialect of ``sql`` as ``--dialect`` names it; ``ansi`` where nothing speaks for another."""
    text = _LITERALS.sub(lambda found: "''" if found[0][0] == "'" else " ", sql[:_LONGEST])
    votes: Counter[str] = Counter()
    for sign, who in _COMPILED:
        count = 0
        for _ in sign.finditer(text):
            count += 1
            if count == _MOST:
                break
        for dialect, weight in who.items() if count else ():
            votes[dialect] += weight * count
    best = votes.most_common(1)
    return best[0][0] if best else _FALLBACK

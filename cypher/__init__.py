"""The only place that speaks Bolt: sessions, migrations, and one folder of queries per aggregate."""

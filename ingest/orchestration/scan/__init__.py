"""The actions of a scan. Everything is read before anything is written, so that a source which fails half way changes nothing.

``discover`` reads the structure and cuts what changed into batches; ``examine`` and ``embed`` work on a batch; ``lineage`` on all SQL;
``publish`` writes a batch; ``conclude`` writes what concerns the whole. What is written is idempotent by natural key, so that a task done
again by another worker ends in the same graph.
"""

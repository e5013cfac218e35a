"""Operations that answer on the data of the demonstration: the console offers them, ``pursight demo`` prints some."""

from __future__ import annotations

from graph_api.http.console import Example

_EMAIL = "column:postgres://pagila.demo:5432~pagila.public.customer~email"
_MASKED = "column:duckdb://analytics.demo~analytics.mart.customers_masked~email_hash"
_CUSTOMER = "dataset:postgres://pagila.demo:5432~pagila.public.customer"

SEARCH = Example(
    "Search by meaning",
    """\
query Search($text: String!, $filter: AssetFilter) {
  search(query: $text, filter: $filter, first: 5) {
    totalCount
    edges {
      score
      reasons {
        kind
        snippet
      }
      node {
        urn
        path
        sensitivity
        classifications {
          classification {
            title
          }
          status
        }
      }
    }
  }
}
""",
    {"text": "how to reach customers by mail", "filter": {"kinds": ["COLUMN"]}},
)

ASSET = Example(
    "An asset with its columns",
    """\
query Asset($urn: String!) {
  assetByUrn(urn: $urn) {
    path
    description
    rowCount
    contentSensitivity
    source {
      name
    }
    tags {
      name
    }
    columns(first: 30) {
      edges {
        node {
          name
          dataType
          primaryKey
          sensitivity
          classifications {
            classification {
              title
            }
            status
            confidence
            reason
          }
        }
      }
    }
  }
}
""",
    {"urn": _CUSTOMER},
)

LINEAGE = Example(
    "Lineage: where a masked column comes from",
    """\
query Lineage($urn: String!) {
  lineage(urn: $urn, direction: UPSTREAM, maxHops: 5) {
    edges {
      upstream
      downstream
      assertions {
        origin
        transformations
      }
    }
    completeness {
      complete
      reason
    }
  }
}
""",
    {"urn": _MASKED},
)

IMPACT = Example(
    "Impact: what a change of a column reaches",
    """\
query Impact($urn: String!) {
  impactCount(urn: $urn) {
    total
    byKind {
      kind
      count
    }
    byHop {
      hops
      count
    }
    completeness {
      complete
      reason
    }
  }
  impact(urn: $urn, first: 20) {
    edges {
      hops
      node {
        urn
        sensitivity
      }
    }
  }
}
""",
    {"urn": _EMAIL},
)

SCAN = Example(
    "Scan a source and watch it",
    """\
# Two operations: choose one beside Run.
# Progress shows the newest run; the scan gives you a newer one.
subscription Progress($run: String!) {
  runProgress(id: $run) {
    state
    stage
    done
    total
    counts {
      name
      count
    }
  }
}

mutation Scan($source: String!) {
  scanStart(source: $source) {
    ... on ScanStartSuccess {
      run {
        runId
        state
      }
    }
    ... on UserError {
      message
      remedy
    }
  }
}
""",
    {"source": "pagila"},
    lookups={"run": "{ runs(first: 1) { edges { node { runId } } } }"},
)

TAG = Example(
    "Tag two columns",
    """\
mutation Tag($urns: [String!]!, $tag: String!) {
  tagApply(urns: $urns, tag: $tag) {
    ... on TagApplySuccess {
      assets {
        path
        tags {
          name
        }
      }
    }
    ... on UserError {
      message
      path
      remedy
    }
  }
}
""",
    {"urns": [_EMAIL, _MASKED], "tag": "mailing"},
)

EXAMPLES = (SEARCH, ASSET, LINEAGE, IMPACT, SCAN, TAG)
PRINTED = (SEARCH, LINEAGE, IMPACT)

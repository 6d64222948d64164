"""A small file of each format, written for the tests."""

from __future__ import annotations

import json

RUN = "3f5e83fa-3480-44ff-99c5-ff943904e5e8"
AIRFLOW = """---
orders_daily:
  schedule_interval: 0 2 * * *
  description: Loads orders.
  default_args:
    owner: alice@example.com
    email: [alerts@example.com, alice@example.com]
  tags: [impact/tier_1]
users_daily:
  default_args: {owner: airflow}
"""
BACKSTAGE = """# a comment
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: orders-pipeline
  description: Loads orders.
  annotations: {backstage.io/source-location: 'url:https://git.example/shop/tree/main/'}
spec: {type: data-pipeline, owner: data_platform, dependsOn: ['resource:orders-db']}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: orders-db}
spec: {type: database, owner: 'user:default/carol', system: shop}
---
kind: [broken
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: cexample}
spec: {profile: {email: carol@example.com}}
"""
ODCS = """version: 1.0.0
apiVersion: v3.1.0
kind: DataContract
id: orders
status: active
domain: Sales
servers: [{server: prod, type: postgres, database: shop, schema: public}]
schema:
  - name: orders
    physicalName: fct_orders
    properties:
      - {name: id, physicalType: bigint}
      - {name: total, logicalType: number}
slaProperties: [{property: freshness, value: 2, unit: h}]
team:
  members:
    - {username: alice, role: owner, dateIn: "2014-08-02", dateOut: "2014-10-01"}
    - {username: bob, role: owner, dateIn: 2014-10-01, dateOut: "2019-03-14"}
    - {username: carol, role: owner, dateIn: "2019-03-14", dateOut: "2021-04-01"}
    - {username: dave, role: owner, dateIn: "2021-04-01"}
"""
URN = "urn:li:dataset:(urn:li:dataPlatform:hive,shop.orders(a,b),PROD)"
DATAHUB = json.dumps(
    [
        {"proposedSnapshot": {"com.linkedin.pegasus2avro.metadata.snapshot.DatasetSnapshot": {
            "urn": URN,
            "aspects": [
                {"com.linkedin.pegasus2avro.common.Ownership": {"owners": [
                    {"owner": "urn:li:corpuser:alice", "type": "DATAOWNER"},
                    {"owner": "urn:li:corpGroup:analytics", "type": "BUSINESS_OWNER"},
                    {"owner": "urn:li:corpuser:bob", "type": "CONSUMER"},
                ]}},
                {"com.linkedin.pegasus2avro.dataset.UpstreamLineage": {"upstreams": [
                    {"dataset": "urn:li:dataset:(urn:li:dataPlatform:kafka,orders,PROD)", "type": "TRANSFORMED"},
                ]}},
            ],
        }}},
        {"entityType": "dashboard", "entityUrn": "urn:li:dashboard:(looker,sales)", "aspectName": "dashboardInfo",
         "changeType": "UPSERT", "aspect": {"value": json.dumps({"title": "Sales", "charts": []})}},
    ]
)  # fmt: skip
OPENMETADATA = json.dumps(
    {"tables": [{
        "name": "fct_orders", "fullyQualifiedName": "svc.shop.public.fct_orders", "columns": [{"name": "id"}],
        "owners": [{"type": "user", "name": "alice"}, {"type": "team", "name": "analytics", "inherited": True}],
    }]}
)  # fmt: skip
CSV = """asset_key,kind,name,domain,tier,owner,backup
orders,dataset,Orders,Sales,1,alice@example.com,bob@example.com
"revenue, net",metric,Revenue,,2,"carol@example.com; dave@example.com",
"""
GIT = f"""commit {"a" * 40}\tAlice@example.com\t2026-03-02T09:00:00+01:00

models/orders.sql
models/users.sql
commit {"b" * 40}\trenovate[bot]@example.com\t2026-03-02T10:00:00+01:00

models/orders.sql
"""
MARKDOWN = """---
title: How orders are counted
owner: alice@example.com
documents: orders
review_on: 2026-09-01
---
# How

One row an order.
"""
HISTORY = "\n".join(
    json.dumps({"asset": "sql/orders", "op": op, "owner": f"{who}@example.com", "ts": f"2026-01-{day:02}T09:00:00Z"})
    for op, who, day in (("add", "alice", 5), ("add", "bob", 6), ("remove", "alice", 9), ("remove", "carol", 10))
)
RUN_RESULTS = json.dumps(
    {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
            "generated_at": "2026-03-02T03:10:00Z",
        },
        "results": [
            {"unique_id": "model.shop.fct_orders", "status": "success", "timing": [
                {"name": "execute", "completed_at": "2026-03-02T03:05:00Z"},
            ]},
            {"unique_id": "test.shop.unique_id", "status": "fail"},
            {"unique_id": "operation.shop.hook", "status": "success"},
        ],
    }
)  # fmt: skip
EVENT = json.dumps(
    {
        "eventType": "COMPLETE", "eventTime": "2026-03-02T03:00:00Z", "run": {"runId": RUN},
        "job": {"namespace": "default", "name": "load", "facets": {"ownership": {"owners": [{"name": "alice"}]}}},
        "inputs": [{"namespace": "kafka", "name": "orders"}], "outputs": [{"namespace": "hive", "name": "fct"}],
    }
)  # fmt: skip
CODEOWNERS = "* @org/analytics\n/models/orders.sql @alice\n"
SAMPLES = {
    "airflow": AIRFLOW, "backstage": BACKSTAGE, "codeowners": CODEOWNERS, "csv": CSV, "datahub": DATAHUB,
    "dbt_results": RUN_RESULTS, "git": GIT, "history": HISTORY, "markdown": MARKDOWN, "odcs": ODCS,
    "openlineage": EVENT, "openmetadata": OPENMETADATA,
}  # fmt: skip

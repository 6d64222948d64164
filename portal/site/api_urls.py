"""The entrance of the API: index, schema and reference. No path here redirects."""

from __future__ import annotations

from portal.core.api.router import endpoint
from portal.site import api_docs

urlpatterns = [
    endpoint("v1", api_docs.IndexView.as_view(), "api_index"),
    endpoint("v1/schema", api_docs.SchemaView.as_view(), "api_schema"),
    endpoint("docs", api_docs.DocsView.as_view(), "api_docs"),
    endpoint("docs/errors", api_docs.ErrorsView.as_view(), "api_docs_errors"),
    endpoint("docs/webhooks", api_docs.WebhooksView.as_view(), "api_docs_webhooks"),
    endpoint("docs/(?P<tag>[a-z0-9-]{1,40})", api_docs.TagView.as_view(), "api_docs_tag"),
]

"""dbt manifests."""

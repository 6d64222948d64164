"""What a pull request would do to the register: manifests and schemas, compared and never written."""
